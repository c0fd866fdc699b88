#include "common/configuration_error.hpp"
#include "common/program.hpp"
#include "common/signals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <signal.h>

namespace wakegate {
namespace {

using testing::HasSubstr;

struct outcome {
    int exit_code = -1;
    std::string out;
    std::string error;
};

constexpr auto keys = std::to_array<configuration_key>({
    {.path = "key", .type = value_type::text, .default_value = "value", .text = "what it means"},
});

/// A program that records which of its parts were called.
struct fake_program {
    outcome run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "wakegate-test");
        std::vector<char*> argv;
        for (auto& argument : arguments) {
            argv.push_back(argument.data());
        }
        const program_description description{
            .name = "wakegate-test",
            .summary = "stands in for a program",
            .commit = commit,
            .keys = keys,
            .commands = commands,
        };
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        outcome ended;
        ended.exit_code =
            run_program(static_cast<int>(argv.size()), argv.data(), description, body);
        ended.error = testing::internal::GetCapturedStderr();
        ended.out = testing::internal::GetCapturedStdout();
        return ended;
    }

    std::string done;
    std::string commit;
    std::vector<program_command> commands = {};
    std::vector<configuration_warning> warnings;
    std::function<int()> run_configured = [] { return 0; };
    program_body body = [this](const std::string& path) {
        done += "read " + path + ";";
        return configured_program{
            .warnings = warnings,
            .run =
                [this](sd_notifier&) {
                    done += "run;";
                    return run_configured();
                },
        };
    };
};

TEST(program, reads_its_configuration_once_and_then_runs) {
    fake_program program;
    const auto ended = program.run({"--config", "a.yaml"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(program.done, "read a.yaml;run;");
    EXPECT_EQ(ended.out + ended.error, "");
}

TEST(program, only_checks_when_asked_to_check) {
    fake_program program;
    const auto ended = program.run({"--check", "--config=a.yaml"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(program.done, "read a.yaml;");
    EXPECT_EQ(ended.out, "a.yaml: ok\n");
}

TEST(program, prints_the_warnings_of_a_check) {
    fake_program program;
    program.warnings = {{"a.yaml:2:3", "b: is odd; drop it"}};
    auto ended = program.run({"--check", "--config=a.yaml"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(ended.error, "a.yaml:2:3: warning: b: is odd; drop it\n");
    EXPECT_EQ(ended.out, "a.yaml: ok, 1 warning\n");

    program.warnings.push_back({"a.yaml:4:1", "c: is odd, too"});
    ended = program.run({"--check", "--config=a.yaml"});
    EXPECT_THAT(ended.error, testing::EndsWith("\na.yaml:4:1: warning: c: is odd, too\n"));
    EXPECT_EQ(ended.out, "a.yaml: ok, 2 warnings\n");
}

TEST(program, logs_the_warnings_before_it_runs) {
    fake_program program;
    program.warnings = {{"a.yaml:2:3", "b: is odd; drop it"}};
    program.run_configured = [] {
        log::info("running");
        return 0;
    };
    const auto ended = program.run({"--config=a.yaml"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_THAT(
        ended.error,
        testing::ContainsRegex("warning configuration_warning place=a.yaml:2:3 "
                               "text=\"b: is odd; drop it\"\n.* info running\n$")
    );
}

TEST(program, prints_its_flags_and_its_configuration_for_help) {
    fake_program program;
    const auto ended = program.run({"--help"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(program.done, "");
    EXPECT_EQ(ended.out.substr(0, ended.out.find('\n')), "wakegate-test: stands in for a program");
    for (const auto* const flag : {"--config FILE", "--check", "--version", "--help"}) {
        EXPECT_THAT(ended.out, HasSubstr(flag));
    }
    EXPECT_THAT(ended.out, HasSubstr("\nkey: value                       what it means\n"));
}

TEST(program, prints_its_version) {
    fake_program program;
    const auto ended = program.run({"--version"});
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(program.done, "");
    EXPECT_EQ(ended.out, "wakegate-test " + std::string(version()) + "\n");
    EXPECT_THAT(std::string(version()), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

TEST(program, prints_its_commit_beside_its_version) {
    fake_program program;
    program.commit = "0123456789ab-dirty";
    const auto ended = program.run({"--version"});
    EXPECT_EQ(
        ended.out, "wakegate-test " + std::string(version()) + " (commit 0123456789ab-dirty)\n"
    );
}

struct bad_flags {
    const char* name;
    std::vector<std::string> arguments;
    std::string message;
};

class program_with_bad_flags : public testing::TestWithParam<bad_flags> {};

TEST_P(program_with_bad_flags, end_with_2_and_one_line) {
    fake_program program;
    const auto ended = program.run(GetParam().arguments);
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_EQ(program.done, "");
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.error, "wakegate-test: " + GetParam().message + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    program,
    program_with_bad_flags,
    testing::ValuesIn(std::vector<bad_flags>{
        {"none", {}, "--config is required; give the path of the YAML file"},
        {"check_alone", {"--check"}, "--config is required; give the path of the YAML file"},
        {"config_without_a_value",
         {"--config"},
         "the required argument for option '--config' is missing; see --help"},
        {"config_twice",
         {"--config", "a", "--config", "b"},
         "option '--config' cannot be specified more than once; see --help"},
        {"unknown_flag",
         {"--config", "a", "--nonsense"},
         "unrecognised option '--nonsense'; see --help"},
        {"argument_without_a_flag",
         {"--config", "a", "b"},
         "too many positional options have been specified on the command line; see --help"},
        {"value_for_a_switch",
         {"--config", "a", "--check=yes"},
         "option '--check' does not take any arguments; see --help"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(program, does_not_run_with_a_bad_configuration) {
    fake_program program;
    program.body = [](const std::string& path) -> configured_program {
        throw configuration_error(path + ":1:1: key: is odd");
    };
    const auto ended = program.run({"--config", "a.yaml"});
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_EQ(program.done, "");
    EXPECT_EQ(ended.error, "wakegate-test: a.yaml:1:1: key: is odd\n");
}

TEST(program, ends_with_2_for_what_the_operator_can_mend_and_with_1_for_the_rest) {
    fake_program program;
    program.run_configured = []() -> int { throw configuration_error("port in use"); };
    EXPECT_EQ(program.run({"--config", "a"}).exit_code, 2);

    program.run_configured = []() -> int { throw std::runtime_error("it broke"); };
    const auto broken = program.run({"--config", "a"});
    EXPECT_EQ(broken.exit_code, 1);
    EXPECT_EQ(broken.error, "wakegate-test: it broke\n");

    program.run_configured = [] { return 1; };
    EXPECT_EQ(program.run({"--config", "a"}).exit_code, 1);
}

struct fake_program_with_commands : fake_program {
    fake_program_with_commands() {
        commands.push_back(command("jump", "HEIGHT [--far]", 0));
        commands.push_back(command("sit", "", 1));
    }

    program_command command(std::string_view name, std::string_view arguments, int exit_code) {
        return {
            .name = name,
            .arguments = arguments,
            .summary = "leaves the ground or not",
            .run =
                [this, name, exit_code](const std::vector<std::string>& words) {
                    done += name;
                    for (const auto& argument : words) {
                        done += " " + argument;
                    }
                    return exit_code;
                },
        };
    }
};

TEST(program, runs_a_command_in_its_own_place) {
    fake_program_with_commands program;
    EXPECT_EQ(program.run({"jump", "high", "--config", "a", "--far"}).exit_code, 0);
    EXPECT_EQ(program.done, "jump high --config a --far");
    EXPECT_EQ(program.run({"sit"}).exit_code, 1);
}

TEST(program, still_runs_itself_beside_its_commands) {
    fake_program_with_commands program;
    EXPECT_EQ(program.run({"--config", "a"}).exit_code, 0);
    EXPECT_EQ(program.done, "read a;run;");
}

TEST(program, lists_its_commands_for_help) {
    fake_program_with_commands program;
    EXPECT_THAT(
        program.run({"--help"}).out,
        HasSubstr("Commands, with flags of their own (wakegate-test COMMAND --help):\n"
                  "  jump HEIGHT [--far]\n"
                  "      leaves the ground or not\n")
    );
    EXPECT_THAT(fake_program().run({"--help"}).out, testing::Not(HasSubstr("Commands")));
}

TEST(program, names_its_commands_for_a_misspelt_one) {
    fake_program_with_commands program;
    const auto ended = program.run({"jmup", "high"});
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_EQ(program.done, "");
    EXPECT_EQ(
        ended.error, "wakegate-test: 'jmup' is no command; commands: jump, sit; see --help\n"
    );
}

TEST(program, ends_as_its_command_fails) {
    fake_program_with_commands program;
    program.commands.front().run = [](const auto&) -> int { throw configuration_error("no"); };
    const auto misused = program.run({"jump"});
    EXPECT_EQ(misused.exit_code, 2);
    EXPECT_EQ(misused.error, "wakegate-test: no\n");

    program.commands.front().run = [](const auto&) -> int { throw std::runtime_error("broken"); };
    EXPECT_EQ(program.run({"jump"}).exit_code, 1);
}

TEST(program, ignores_signals_that_are_not_meant_to_end_it) {
    for (const int number : ignored_signals) {
        ::signal(number, SIG_DFL);
    }
    fake_program program;
    program.run({"--config", "a"});
    for (const int number : {SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM}) {
        EXPECT_EQ(::signal(number, SIG_IGN), SIG_IGN) << number;
    }
    EXPECT_EQ(::signal(SIGTERM, SIG_DFL), SIG_DFL);
}

} // namespace
} // namespace wakegate
