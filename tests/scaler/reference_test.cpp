#include "scaler/config.hpp"
#include "scaler/reference.hpp"
#include "tests/support/read_keys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace wakegate::scaler {
namespace {

const std::vector<std::string> examples = {"{}", R"(admin: {address: "127.0.0.1:1"})"};

void read(const yaml_map& file) {
    std::ignore = read_config(file);
}

TEST(reference, has_the_keys_that_are_read_with_their_defaults) {
    support::expect_keys(configuration_keys(), support::read_keys(examples, read));
}

TEST(reference, calls_required_what_is_missed) {
    support::expect_required_keys_are_missed(configuration_keys(), examples, read);
}

} // namespace
} // namespace wakegate::scaler
