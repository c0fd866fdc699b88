#include "scaler/actuator/hook_program.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace wakegate::actuator {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& program) {
    const auto checked = check_program(program);
    return checked ? "" : checked.error().text;
}

TEST(hook_program, is_relative_to_the_folder_when_it_has_a_slash) {
    EXPECT_EQ(resolve_program("bin/start", "/etc/wakegate"), "/etc/wakegate/bin/start");
    EXPECT_EQ(resolve_program("./start", "/etc/wakegate"), "/etc/wakegate/start");
    EXPECT_EQ(resolve_program("../start", "/etc/wakegate"), "/etc/start");
    EXPECT_EQ(resolve_program("/usr/bin/start", "/etc/wakegate"), "/usr/bin/start");
    EXPECT_EQ(resolve_program("systemctl", "/etc/wakegate"), "systemctl");
}

TEST(hook_program, that_can_be_run_has_no_fault) {
    EXPECT_EQ(error_of("sh"), "");
    EXPECT_EQ(error_of("/bin/sh"), "");
}

TEST(hook_program, that_is_not_there_is_named_with_the_remedy) {
    EXPECT_THAT(error_of("/nowhere/pg_ctl"), HasSubstr("/nowhere/pg_ctl does not exist"));
    const auto reason = error_of("no-such-program");
    EXPECT_THAT(reason, HasSubstr("'no-such-program' is in no folder of PATH"));
    EXPECT_THAT(reason, HasSubstr("absolute path"));
}

TEST(hook_program, that_can_not_be_executed_is_told_from_a_missing_one) {
    const support::temporary_folder folder;
    const auto script = folder.write("start", "#!/bin/sh\n");
    EXPECT_THAT(error_of(script), HasSubstr("is not executable"));
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    EXPECT_EQ(error_of(script), "");
    EXPECT_THAT(error_of(folder.path()), HasSubstr("is a folder"));
}

} // namespace
} // namespace wakegate::actuator
