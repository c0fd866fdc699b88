#include "scaler/actuator/config.hpp"
#include "scaler/actuator/reference.hpp"
#include "tests/support/read_keys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace wakegate::actuator {
namespace {

const std::vector<std::string> examples = {
    R"(
scalers: ["127.0.0.1:1"]
admin: {address: "127.0.0.1:2"}
scaled_objects: {app: {metadata: {cluster: app}, hooks: {start: ["true"], stop: ["true"]}}}
)",
    // Of metadata only the keys that are present are read.
    R"(
scalers: ["127.0.0.1:1"]
scaled_objects:
  app:
    min_replicas: 2
    idle_replicas: 0
    metadata: {cluster: app, keepAwake: a, timezone: a, scalerAddress: a, enableTLS: a, unsafeSsl: a}
    hooks: {start: ["true"], stop: ["true"]}
)",
};

void read(const yaml_map& file) {
    std::ignore = read_config(file, "/");
}

TEST(reference, has_the_keys_that_are_read_with_their_defaults) {
    support::expect_keys(configuration_keys(), support::read_keys(examples, read));
}

TEST(reference, calls_required_what_is_missed) {
    support::expect_required_keys_are_missed(configuration_keys(), examples, read);
}

} // namespace
} // namespace wakegate::actuator
