#include "proxy/verifiers/verifier_store.hpp"
#include "tests/support/temporary_file.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace wakegate::proxy {
namespace {

using auth::cached_verifier;
using std::chrono::seconds;
using std::chrono::sys_seconds;

const auto verifier = auth::scram_verifier::derive("secret", "sixteen bytes it", 4'096);

cached_verifier known(const std::string& cluster, const std::string& role, int fetched_at = 1) {
    return {cluster, role, verifier, {}, sys_seconds(seconds(fetched_at))};
}

struct verifier_store_test : testing::Test {
    verifier_store_test() { std::filesystem::remove(file.path()); }

    [[nodiscard]] verifier_store opened() const { return {file.path(), {"app", "shop"}}; }

    [[nodiscard]] ino_t inode() const {
        struct stat properties{};

        ::stat(file.path().c_str(), &properties);
        return properties.st_ino;
    }

    support::temporary_file file{""};
};

TEST_F(verifier_store_test, verifiers_survive_by_cluster) {
    auto store = opened();
    EXPECT_TRUE(store.roles_of("app").empty());
    store.replace("app", {known("app", "ben"), known("app", "ann")});
    store.replace("shop", {known("shop", "ann")});
    const std::vector<cached_verifier> expected{known("app", "ann"), known("app", "ben")};
    EXPECT_EQ(opened().roles_of("app"), expected);
    EXPECT_EQ(opened().roles_of("shop"), std::vector{known("shop", "ann")});
}

TEST_F(verifier_store_test, verifiers_of_clusters_that_are_gone_are_forgotten) {
    opened().replace("shop", {known("shop", "ann")});
    verifier_store(file.path(), {"app"}).replace("app", {known("app", "ben")});
    EXPECT_TRUE(opened().roles_of("shop").empty());
    EXPECT_EQ(opened().roles_of("app").size(), 1U);
}

TEST_F(verifier_store_test, verifiers_that_are_the_same_leave_the_file_alone) {
    auto store = opened();
    store.replace("app", {known("app", "ann"), known("app", "ben")});
    const auto before = inode();
    store.replace("app", {known("app", "ben", 2), known("app", "ann", 2)});
    EXPECT_EQ(inode(), before);
    store.replace("app", {known("app", "ann", 3)});
    EXPECT_EQ(opened().roles_of("app"), std::vector{known("app", "ann", 3)});
}

TEST_F(verifier_store_test, verifiers_are_written_again_when_somebody_has_touched_the_file) {
    auto store = opened();
    store.replace("app", {known("app", "ann")});
    std::ofstream(file.path()) << "not a cache\n";
    store.replace("app", {known("app", "ann")});
    EXPECT_EQ(opened().roles_of("app").size(), 1U);
}

TEST_F(verifier_store_test, verifiers_that_are_damaged_are_none_until_they_are_replaced) {
    std::ofstream(file.path()) << "wakegate verifier cache 1\nend 1\n";
    std::filesystem::permissions(file.path(), std::filesystem::perms::owner_read);
    auto store = opened();
    EXPECT_TRUE(store.roles_of("app").empty());
    store.replace("app", {known("app", "ann")});
    EXPECT_EQ(opened().roles_of("app").size(), 1U);
}

TEST_F(verifier_store_test, verifiers_that_could_not_be_read_are_set_aside_and_not_lost) {
    opened().replace("shop", {known("shop", "ann")});
    std::filesystem::permissions(file.path(), std::filesystem::perms::all);
    auto store = opened();
    store.replace("app", {known("app", "ben")});
    store.replace("app", {known("app", "ben"), known("app", "eve")});
    const auto aside = file.path() + ".unusable";
    std::filesystem::permissions(aside, std::filesystem::perms::owner_read);
    EXPECT_EQ(verifier_store(aside, {"app", "shop"}).roles_of("shop").size(), 1U);
    std::filesystem::remove(aside);
    EXPECT_EQ(opened().roles_of("app").size(), 2U);
}

TEST_F(verifier_store_test, verifiers_tell_when_they_were_stored) {
    const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
    {
        auto store = opened();
        EXPECT_EQ(store.stored_at(), sys_seconds()) << "never";
        store.replace("app", {known("app", "ann")});
        EXPECT_GE(store.stored_at(), now);
    }
    std::filesystem::last_write_time(
        file.path(), std::chrono::file_clock::from_sys(now - std::chrono::hours(1))
    );
    auto store = opened();
    EXPECT_EQ(store.stored_at(), now - std::chrono::hours(1)) << "in an earlier life";
    store.replace("app", {known("app", "ann")});
    EXPECT_GE(store.stored_at(), now);
}

TEST(verifier_store, that_cannot_write_its_file_has_never_stored_it) {
    verifier_store store("/nowhere/verifiers", {"app"});
    store.replace("app", {known("app", "ann")});
    EXPECT_EQ(store.stored_at(), sys_seconds());
}

TEST(verifier_store, lives_without_its_file) {
    verifier_store store("/nowhere/verifiers", {"app"});
    store.replace("app", {known("app", "ann")});
    EXPECT_EQ(store.roles_of("app").size(), 1U);
}

} // namespace
} // namespace wakegate::proxy
