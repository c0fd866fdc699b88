#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace wakegate::support {

/// What operators and users depend on is kept as text in a golden folder, so that a change of it
/// shows in review. WAKEGATE_UPDATE_GOLDEN=1 writes the files anew.
inline void expect_golden(const std::string& path, const std::string& text) {
    if (std::getenv("WAKEGATE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string golden{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text, golden) << path;
}

} // namespace wakegate::support
