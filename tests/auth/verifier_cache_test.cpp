#include "proxy/auth/verifier_cache.hpp"
#include "proxy/auth/verifier_cache_file.hpp"
#include "tests/support/temporary_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>

namespace wakegate::auth {

namespace {

using namespace std::string_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;
namespace filesystem = std::filesystem;

const std::string verifier =
    "SCRAM-SHA-256$4096:k+AI/urVCY8+/yl6yjWbgQ==$LWhc6+4AO1ZeHoMAXc22DnPdg9/zuNZYM52TmYwKpo8=:"
    "8CFwsRIYHKbAkFq3XkiXWnQ0QoRh+LjL2fDKH43jIH4=";
const std::string header = "wakegate verifier cache 1\n";
const std::string line = "app\tann\t" + verifier + "\t-\t1700000000\n";

cached_verifier cached(std::string cluster, std::string role) {
    return {
        std::move(cluster),
        std::move(role),
        *scram_verifier::parse(verifier),
        {},
        sys_seconds(seconds(1'700'000'000))
    };
}

std::vector<cached_verifier> parsed(const std::string& text) {
    auto result = parse_verifier_cache(text);
    EXPECT_TRUE(std::holds_alternative<std::vector<cached_verifier>>(result));
    return std::get<std::vector<cached_verifier>>(std::move(result));
}

TEST(verifier_cache, is_text_with_a_line_per_role) {
    EXPECT_EQ(write_verifier_cache({}), header + "end 0\n");
    EXPECT_EQ(write_verifier_cache({cached("app", "ann")}), header + line + "end 1\n");
}

TEST(verifier_cache, is_read_as_it_was_written) {
    auto expiring = cached("app", "bob");
    expiring.valid_until = sys_seconds(seconds(1'800'000'000));
    auto expired = cached("other", "bob");
    expired.valid_until = sys_seconds(seconds(0));
    const std::vector<cached_verifier> roles{
        cached("app", "ann"),
        expiring,
        expired,
        cached("a\tb\n", "\\r\\\r\n;'\" \xff"),
        cached("end 1", "x")
    };
    EXPECT_EQ(parsed(write_verifier_cache(roles)), roles);
    EXPECT_TRUE(parsed(header + "end 0\n").empty());
}

struct text_case {
    const char* name;
    std::string text;
    std::string reason;
};

class verifier_cache_damaged : public testing::TestWithParam<text_case> {};

TEST_P(verifier_cache_damaged, are_not_read_at_all) {
    const auto result = parse_verifier_cache(GetParam().text);
    ASSERT_TRUE(std::holds_alternative<std::string>(result));
    EXPECT_EQ(std::get<std::string>(result), GetParam().reason);
}

const std::string broken_time = "line 2: a time is broken: seconds since 1970 are expected";

INSTANTIATE_TEST_SUITE_P(
    verifier_cache,
    verifier_cache_damaged,
    testing::ValuesIn(std::vector<text_case>{
        {"empty", "", "line 1: the file is cut short"},
        {"something_else", "\"ann\" \"pencil\"\n", "line 1: not a verifier cache"},
        {"of_the_future",
         "wakegate verifier cache 2\nend 0\n",
         "line 1: written by another version of wakegate; this one reads version 1"},
        {"header_alone", header, "line 2: the file is cut short"},
        {"no_end", header + line, "line 3: the file is cut short"},
        {"end_without_its_line_end", header + line + "end 1", "line 3: the file is cut short"},
        {"role_missing",
         header + line + "end 2\n",
         "line 3: the number of roles is not the one announced"},
        {"goes_on", header + "end 0\n\n", "line 2: the number of roles is not the one announced"},
        {"number_spelt_otherwise",
         header + "end 00\n",
         "line 2: the number of roles is not the one announced"},
        {"four_fields",
         header + "app\tann\t" + verifier + "\t-\nend 1\n",
         "line 2: expected 5 fields between tabs"},
        {"six_fields", header + "x\t" + line + "end 1\n", "line 2: expected 5 fields between tabs"},
        {"blank_line", header + "\n" + line + "end 1\n", "line 2: expected 5 fields between tabs"},
        {"no_cluster",
         header + line.substr(3) + "end 1\n",
         "line 2: the name of the cluster or of the role is broken"},
        {"unknown_escape",
         header + "\\x" + line + "end 1\n",
         "line 2: the name of the cluster or of the role is broken"},
        {"carriage_return_in_a_name",
         header + "\r" + line + "end 1\n",
         "line 2: the name of the cluster or of the role is broken"},
        {"zero_byte_in_a_name",
         header + "\0"s + line + "end 1\n",
         "line 2: the name of the cluster or of the role is broken"},
        {"half_an_escape",
         header + "a\\" + line.substr(3) + "end 1\n",
         "line 2: the name of the cluster or of the role is broken"},
        {"password", header + "app\tann\tpencil\t-\t1\nend 1\n", "line 2: the verifier is broken"},
        {"date", header + "app\tann\t" + verifier + "\t2030-01-01\t1\nend 1\n", broken_time},
        {"no_fetch_time", header + "app\tann\t" + verifier + "\t-\t-\nend 1\n", broken_time},
        {"before_1970", header + "app\tann\t" + verifier + "\t-1\t1\nend 1\n", broken_time},
        {"after_9999", header + "app\tann\t" + verifier + "\t253402300800\t1\nend 1\n", broken_time
        },
        {"carriage_return", header + "app\tann\t" + verifier + "\t-\t1\r\nend 1\n", broken_time},
        {"role_twice", header + line + line + "end 2\n", "line 3: the role comes twice"},
    }),
    [](const auto& tested) { return tested.param.name; }
);

TEST(verifier_cache, cut_anywhere_is_never_read) {
    const auto whole = write_verifier_cache({cached("app", "ann"), cached("app", "bob")});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto result = parse_verifier_cache(whole.substr(0, size));
        EXPECT_TRUE(std::holds_alternative<std::string>(result)) << size;
    }
}

/// A path without a file, in a directory of its own.
class verifier_cache_file : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return folder_.file("verifiers"); }

    [[nodiscard]] std::string load_error() const {
        const auto result = load_verifier_cache(path());
        return result ? "loaded" : result.error().reason;
    }

    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(filesystem::directory_iterator(folder_.path()), {});
    }

    support::temporary_folder folder_;
};

TEST_F(verifier_cache_file, that_is_not_there_is_empty) {
    const auto result = load_verifier_cache(path());
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->empty());
}

TEST_F(verifier_cache_file, is_replaced_whole_and_its_owners_alone) {
    for (const auto* const role : {"ann", "bob"}) {
        const std::vector<cached_verifier> roles{cached("app", role)};
        EXPECT_TRUE(save_verifier_cache(path(), roles));
        const auto result = load_verifier_cache(path());
        ASSERT_TRUE(result);
        EXPECT_EQ(*result, roles);
        const auto mode = filesystem::status(path()).permissions();
        EXPECT_EQ(mode, filesystem::perms::owner_read | filesystem::perms::owner_write);
        EXPECT_EQ(files(), 1) << "nothing is left beside it";
    }
}

TEST_F(verifier_cache_file, is_written_in_spite_of_what_a_crash_left_behind) {
    std::ofstream(path() + ".new") << "half";
    filesystem::permissions(path() + ".new", filesystem::perms::all);
    EXPECT_TRUE(save_verifier_cache(path(), {cached("app", "ann")}));
    EXPECT_EQ(load_error(), "loaded");
    EXPECT_EQ(files(), 1);
}

TEST_F(verifier_cache_file, open_to_others_is_not_read) {
    ASSERT_TRUE(save_verifier_cache(path(), {}));
    for (const auto other :
         {filesystem::perms::others_read,
          filesystem::perms::others_read | filesystem::perms::group_read}) {
        filesystem::permissions(path(), filesystem::perms::owner_read | other);
        const std::string mode = other == filesystem::perms::others_read ? "0404" : "0444";
        EXPECT_EQ(
            load_error(),
            path() + ": others than its owner have access (mode " + mode +
                "), and it holds verifiers: chmod 600 it, or delete it"
        );
    }
}

TEST_F(verifier_cache_file, that_a_mount_has_given_to_its_group_is_taken_back_and_read) {
    const std::vector<cached_verifier> roles{cached("app", "ann")};
    ASSERT_TRUE(save_verifier_cache(path(), roles));
    constexpr auto owners = filesystem::perms::owner_read | filesystem::perms::owner_write;
    constexpr auto groups = filesystem::perms::group_read | filesystem::perms::group_write;
    filesystem::permissions(path(), owners | groups);
    EXPECT_EQ(load_error(), "loaded");
    EXPECT_EQ(filesystem::status(path()).permissions(), owners);
}

TEST_F(verifier_cache_file, that_is_damaged_says_where) {
    std::ofstream(path()) << header + "nonsense\n";
    filesystem::permissions(path(), filesystem::perms::owner_read);
    EXPECT_EQ(load_error(), path() + ": line 2: expected 5 fields between tabs");
}

TEST_F(verifier_cache_file, that_is_a_directory_is_no_file) {
    filesystem::create_directory(path());
    EXPECT_EQ(load_error(), path() + ": not a file");
    const auto saved = save_verifier_cache(path(), {});
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().reason, path() + ": cannot be written: Is a directory");
    EXPECT_EQ(files(), 1) << "nothing is left beside it";
}

TEST_F(verifier_cache_file, in_a_directory_that_is_missing_cannot_be_written) {
    const auto bad_path = folder_.file("missing/verifiers");
    EXPECT_EQ(
        save_verifier_cache(bad_path, {}).error().reason,
        bad_path + ": cannot be written: No such file or directory"
    );
}

TEST_F(verifier_cache_file, that_could_be_kept_is_not_objected_to) {
    EXPECT_TRUE(check_verifier_cache_path(path()));
    EXPECT_EQ(files(), 0) << "nothing is left behind";
    ASSERT_TRUE(save_verifier_cache(path(), {}));
    EXPECT_TRUE(check_verifier_cache_path(path()));
    EXPECT_EQ(load_error(), "loaded");
    EXPECT_EQ(files(), 1);
}

TEST_F(verifier_cache_file, that_a_mount_has_given_to_its_group_is_not_objected_to_nor_touched) {
    ASSERT_TRUE(save_verifier_cache(path(), {}));
    constexpr auto mode = filesystem::perms::owner_read | filesystem::perms::group_read;
    filesystem::permissions(path(), mode);
    EXPECT_TRUE(check_verifier_cache_path(path()));
    EXPECT_EQ(filesystem::status(path()).permissions(), mode);
}

TEST_F(verifier_cache_file, that_could_not_be_kept_is_objected_to_with_the_remedy) {
    const auto bad_path = folder_.file("missing/verifiers");
    EXPECT_EQ(
        check_verifier_cache_path(bad_path).error().reason,
        bad_path + ": cannot be written, " + folder_.file("missing") +
            ": No such file or directory; make it, for the user who runs the gate"
    );
    std::ofstream(folder_.file("file")) << "";
    const auto below = check_verifier_cache_path(folder_.file("file/verifiers"));
    ASSERT_FALSE(below);
    const auto reason = below.error().reason;
    EXPECT_NE(reason.find("Not a directory"), std::string::npos) << reason;
    EXPECT_EQ(
        check_verifier_cache_path(folder_.path()).error().reason, folder_.path() + ": not a file"
    );
    ASSERT_TRUE(save_verifier_cache(path(), {}));
    filesystem::permissions(path(), filesystem::perms::others_read, filesystem::perm_options::add);
    const auto open = check_verifier_cache_path(path());
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().code, verifier_cache_errc::unfit);
    EXPECT_NE(
        open.error().reason.find("others than its owner have access (mode 0604)"), std::string::npos
    );
}

} // namespace

} // namespace wakegate::auth
