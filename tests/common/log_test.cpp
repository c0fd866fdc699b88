#include "common/log.hpp"
#include "tests/support/captured_log.hpp"

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace wakegate {
namespace {

using testing::MatchesRegex;

class log_test : public testing::Test {
protected:
    ~log_test() override { log::configure(log::format::text, log::level::info); }

    static std::string written_by(const std::function<void()>& speak) {
        support::captured_log captured;
        speak();
        return captured.take();
    }

    /// The one logged line, without its time.
    static std::string text_of(const std::function<void()>& speak) {
        const auto line = written_by(speak);
        return line.substr(line.find(' ') + 1);
    }

    static boost::json::object json_of(const std::function<void()>& speak) {
        const auto line = written_by(speak);
        EXPECT_EQ(line.find('\n'), line.size() - 1) << "one event, one line";
        return boost::json::parse(line).as_object();
    }
};

TEST_F(log_test, write_one_line_of_text_for_an_event) {
    const auto line = written_by([] {
        log::info("session_held").with("cluster", "app").with("waiting", 12).with("first", true);
    });
    EXPECT_THAT(
        line,
        MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]+Z "
                     "info session_held cluster=app waiting=12 first=true\n")
    );
}

TEST_F(log_test, write_one_json_object_for_an_event) {
    log::configure(log::format::json, log::level::info);
    const auto event = json_of([] {
        log::warning("scaler_lost").with("address", "[::1]:1").with("after_ms", 1.5).with("x", -3);
    });
    ASSERT_EQ(event.size(), 6U);
    EXPECT_THAT(
        std::string(event.at("time").as_string()),
        MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]+Z")
    );
    EXPECT_EQ(event.at("level").as_string(), "warning");
    EXPECT_EQ(event.at("event").as_string(), "scaler_lost");
    EXPECT_EQ(event.at("address").as_string(), "[::1]:1");
    EXPECT_EQ(event.at("after_ms").as_double(), 1.5);
    EXPECT_EQ(event.at("x").as_int64(), -3);
}

struct value_case {
    const char* name;
    std::string value;
    std::string as_text;
};

class log_values : public log_test, public testing::WithParamInterface<value_case> {};

TEST_P(log_values, are_quoted_in_text_only_where_they_must_be) {
    const auto line = text_of([] { log::info("it").with("key", GetParam().value); });
    EXPECT_EQ(line, "info it key=" + GetParam().as_text + "\n");
}

TEST_P(log_values, survive_json) {
    log::configure(log::format::json, log::level::info);
    const auto event = json_of([] { log::info("it").with("key", GetParam().value); });
    EXPECT_EQ(event.at("key").as_string(), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    log,
    log_values,
    testing::ValuesIn(std::vector<value_case>{
        {"word", "app", "app"},
        {"address", "127.0.0.1:5432", "127.0.0.1:5432"},
        {"nothing", "", R"("")"},
        {"spaces", "two words", R"("two words")"},
        {"equals_sign", "a=b", R"("a=b")"},
        {"quote", R"(say "x")", R"("say \"x\"")"},
        {"backslash", R"(C:\x)", R"("C:\\x")"},
        {"new_line", "a\nb", R"("a\u000ab")"},
        {"tab_and_return", "a\t\r", R"("a\u0009\u000d")"},
        {"terminal_escape", "\x1b[2J", R"("\u001b[2J")"},
        {"delete", "a\x7f", R"("a\u007f")"},
        {"zero_byte", std::string("a\0b", 3), R"("a\u0000b")"},
        {"letters_beyond_ascii", "Zürich", "Zürich"},
        {"the_first_after_the_c1_controls", "\u00a0", "\u00a0"},
        {"three_bytes", "\u20ac\uffff", "\u20ac\uffff"},
        {"four_bytes", "\U00010000\U0010ffff", "\U00010000\U0010ffff"},
        {"first_c1_control", "a\xc2\x80", R"("a\u0080")"},
        {"c1_terminal_escape", "\xc2\x9b[2J", R"("\u009b[2J")"},
        {"last_c1_control", "\xc2\x9f", R"("\u009f")"},
        {"braces", "{0} {}", R"("{0} {}")"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

struct broken_case {
    const char* name;
    std::string value;
    std::string as_text; ///< and in JSON
};

class log_broken_values : public log_test, public testing::WithParamInterface<broken_case> {};

TEST_P(log_broken_values, are_valid_in_both_formats) {
    const auto line = text_of([] { log::info("it").with("key", GetParam().value); });
    EXPECT_EQ(line, "info it key=" + GetParam().as_text + "\n");
    log::configure(log::format::json, log::level::info);
    const auto json = written_by([] { log::info("it").with("key", GetParam().value); });
    EXPECT_NE(json.find(GetParam().as_text), std::string::npos) << json;
    boost::system::error_code unreadable;
    boost::json::parse(json, unreadable);
    EXPECT_FALSE(unreadable) << json;
}

INSTANTIATE_TEST_SUITE_P(
    log,
    log_broken_values,
    testing::ValuesIn(std::vector<broken_case>{
        {"never_a_byte", "\xff", R"("\ufffd")"},
        {"latin_1", "Z\xfcrich", R"("Z\ufffdrich")"},
        {"a_lone_continuation", "\x9b[2J", R"("\ufffd[2J")"},
        {"cut_after_one", "a\xc3", R"("a\ufffd")"},
        {"cut_after_two_of_three", "a\xe2\x82", R"("a\ufffd\ufffd")"},
        {"cut_in_the_middle", "\xe2\x82g", R"("\ufffd\ufffdg")"},
        {"cut_by_a_quote", "\xc3\"", R"("\ufffd\"")"},
        {"overlong_slash", "\xc0\xaf", R"("\ufffd\ufffd")"},
        {"overlong_escape", "\xe0\x80\x9b", R"("\ufffd\ufffd\ufffd")"},
        {"overlong_in_four", "\xf0\x82\x82\xac", R"("\ufffd\ufffd\ufffd\ufffd")"},
        {"half_a_surrogate_pair", "\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},
        {"beyond_unicode", "\xf4\x90\x80\x80", R"("\ufffd\ufffd\ufffd\ufffd")"},
        {"valid_around_it", "\u00fc\xff\u00fc", "\"\u00fc\\ufffd\u00fc\""},
    }),
    [](const auto& tested) { return tested.param.name; }
);

struct level_case {
    const char* name;
    log::level lowest;
    std::string written;
};

class log_levels : public log_test, public testing::WithParamInterface<level_case> {};

TEST_P(log_levels, below_the_configured_one_are_silent) {
    log::configure(log::format::text, GetParam().lowest);
    const auto lines = written_by([] {
        log::debug("d").with("key", "value");
        log::info("i").with("key", 1);
        log::warning("w");
        log::error("e");
    });
    std::string written;
    for (const auto* const each : {"debug d", "info i", "warning w", "error e"}) {
        if (lines.find(each) != std::string::npos) {
            written += each[0];
        }
    }
    EXPECT_EQ(written, GetParam().written) << lines;
}

INSTANTIATE_TEST_SUITE_P(
    log,
    log_levels,
    testing::ValuesIn(std::vector<level_case>{
        {"debug", log::level::debug, "diwe"},
        {"info", log::level::info, "iwe"},
        {"warning", log::level::warning, "we"},
        {"error", log::level::error, "e"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST_F(log_test, have_lines_for_people_in_their_place) {
    log::configure(log::format::json, log::level::error);
    const auto written = written_by([] {
        log::error("first");
        log::plain("wakegate-test: no event");
        log::error("last");
    });
    EXPECT_THAT(
        written,
        MatchesRegex("[{].*\"event\":\"first\"[}]\n"
                     "wakegate-test: no event\n"
                     "[{].*\"event\":\"last\"[}]\n")
    );
}

TEST_F(log_test, keep_the_lines_of_many_threads_apart) {
    constexpr int threads = 4;
    constexpr int lines_each = 100;
    const auto written = written_by([] {
        std::vector<std::thread> speakers;
        for (int index = 0; index < threads; ++index) {
            speakers.emplace_back([] {
                for (int line = 0; line < lines_each; ++line) {
                    log::info("it").with("key", "value");
                }
            });
        }
        for (auto& speaker : speakers) {
            speaker.join();
        }
    });
    std::size_t whole = 0;
    for (auto at = written.find("Z info it key=value\n"); at != std::string::npos;
         at = written.find("Z info it key=value\n", at + 1)) {
        ++whole;
    }
    EXPECT_EQ(whole, std::size_t{threads} * lines_each);
}

} // namespace
} // namespace wakegate
