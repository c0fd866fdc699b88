#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace wakegate::support {

/// Compares `text`, which operators and users depend on, with a file in the golden folder, so that
/// reviews show its changes. WAKEGATE_UPDATE_GOLDEN=1 rewrites the files.
inline void expect_golden(const std::string& path, const std::string& text) {
    if (std::getenv("WAKEGATE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string golden{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text, golden) << path;
}

} // namespace wakegate::support
