#include "common/configuration_error.hpp"
#include "proxy/tls/key_pair_files.hpp"
#include "proxy/tls/listener_tls.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/configuration_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace wakegate::tls {
namespace {

using namespace support;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct key_pair : testing::Test {
    [[nodiscard]] listener_settings
    pair_of(const std::string& certificate, const std::string& key) const {
        return {
            .mode = listener_mode::optional,
            .certificate = folder.write("server.crt", certificate),
            .key = folder.write("server.key", key),
        };
    }

    static std::string failure_of(const listener_settings& from) {
        return configuration_failure([&] { const server_context context(from); });
    }

    temporary_folder folder;
    identity own = make_identity({.names = {"db.example.com"}});
};

TEST_F(key_pair, that_is_whole_is_taken) {
    const server_context context(pair_of(own.certificate_pem(), own.key_pem()));
    EXPECT_EQ(context.certificates(), 1U);
    EXPECT_THAT(context.not_after(), HasSubstr("GMT"));
}

TEST_F(key_pair, whose_certificate_is_missing_is_named) {
    auto from = pair_of(own.certificate_pem(), own.key_pem());
    from.certificate = folder.path() + "/nowhere.crt";
    EXPECT_EQ(failure_of(from), from.certificate + ": No such file or directory");
}

TEST_F(key_pair, whose_key_is_missing_is_named) {
    auto from = pair_of(own.certificate_pem(), own.key_pem());
    from.key = folder.path() + "/nowhere.key";
    EXPECT_EQ(failure_of(from), from.key + ": No such file or directory");
}

TEST_F(key_pair, that_is_empty_is_named) {
    const auto from = pair_of("", own.key_pem());
    EXPECT_EQ(failure_of(from), from.certificate + ": empty");
}

TEST_F(key_pair, that_is_no_certificate_is_named) {
    const auto from = pair_of("hello\n", own.key_pem());
    EXPECT_THAT(
        failure_of(from), AllOf(HasSubstr(from.certificate), HasSubstr("no certificate in PEM"))
    );
}

TEST_F(key_pair, that_is_no_key_is_named) {
    const auto from = pair_of(own.certificate_pem(), "hello\n");
    EXPECT_THAT(failure_of(from), AllOf(HasSubstr(from.key), HasSubstr("no private key in PEM")));
}

TEST_F(key_pair, whose_files_are_swapped_is_told_so) {
    const auto from = pair_of(own.key_pem(), own.certificate_pem());
    EXPECT_EQ(
        failure_of(from),
        from.certificate +
            ": holds a private key, not a certificate; certificate and key are swapped"
    );
}

TEST_F(key_pair, that_is_twice_the_same_file_is_told_what_that_holds) {
    const auto two_keys = pair_of(own.key_pem(), own.key_pem());
    EXPECT_EQ(
        failure_of(two_keys),
        two_keys.certificate +
            ": holds a private key, not a certificate; give the certificate's file"
    );
    const auto two_certificates = pair_of(own.certificate_pem(), own.certificate_pem());
    EXPECT_EQ(
        failure_of(two_certificates),
        two_certificates.key + ": holds a certificate, not a private key; give the key's file"
    );
}

TEST_F(key_pair, whose_halves_are_of_two_pairs_is_refused) {
    const auto from = pair_of(own.certificate_pem(), make_identity().key_pem());
    EXPECT_EQ(
        failure_of(from),
        from.key + ": not the key of " + from.certificate + "; replace both files together"
    );
}

TEST_F(key_pair, with_a_passphrase_is_refused_without_asking_for_it) {
    const auto from = pair_of(own.certificate_pem(), own.key_pem("secret"));
    EXPECT_THAT(failure_of(from), HasSubstr("protected by a passphrase; give the key without one"));
}

TEST_F(key_pair, may_be_accompanied_by_authorities_for_clients) {
    auto from = pair_of(own.certificate_pem(), own.key_pem());
    from.client_ca = folder.write("ca.crt", make_identity({.authority = true}).certificate_pem());
    EXPECT_EQ(server_context(from).certificates(), 1U);
    from.client_ca = folder.write("ca.crt", "hello\n");
    EXPECT_THAT(
        failure_of(from), AllOf(HasSubstr(from.client_ca), HasSubstr("no certificates in PEM"))
    );
}

struct key_pair_directory : key_pair {
    [[nodiscard]] listener_settings all() const {
        return {.mode = listener_mode::required, .directory = folder.path()};
    }
};

TEST_F(key_pair_directory, is_read_with_its_subdirectories_but_not_the_hidden_ones) {
    write_pair(folder, ".", own);
    write_pair(folder, "b", make_identity());
    write_pair(folder, "a", make_identity());
    write_pair(folder, "..2026_11_23", make_identity());
    folder.write("notes/README", "not a pair");
    const auto pairs = find_key_pairs(all());
    ASSERT_EQ(pairs.size(), 3U);
    EXPECT_THAT(pairs[1].certificate, HasSubstr("/a/tls.crt"));
    EXPECT_THAT(pairs[2].key, HasSubstr("/b/tls.key"));
    EXPECT_EQ(server_context(all()).certificates(), 3U);
}

TEST_F(key_pair_directory, without_any_is_refused) {
    EXPECT_EQ(
        failure_of(all()), folder.path() + ": no tls.crt and tls.key in it or in its subdirectories"
    );
}

TEST_F(key_pair_directory, that_is_missing_is_refused) {
    EXPECT_EQ(failure_of({.directory = "/nowhere"}), "/nowhere: No such file or directory");
}

TEST_F(key_pair_directory, with_half_a_pair_is_refused) {
    folder.write("a/tls.crt", own.certificate_pem());
    EXPECT_EQ(
        failure_of(all()),
        folder.path() + "/a/tls.key: missing; tls.crt and tls.key belong together"
    );
}

struct key_pair_reload : key_pair_directory {
    key_pair_reload() { write_pair(folder, ".", own); }

    listener_tls& listener() {
        if (listener_ == nullptr) {
            listener_ = std::make_unique<listener_tls>("main", all());
        }
        return *listener_;
    }

    std::unique_ptr<listener_tls> listener_;
};

TEST_F(key_pair_reload, stays_when_nothing_has_changed) {
    const auto before = listener().current();
    listener().reload_if_changed();
    EXPECT_EQ(listener().current(), before);
}

TEST_F(key_pair_reload, is_another_when_its_files_are_others) {
    const auto before = listener().current();
    write_pair(folder, ".", make_identity({.common_name = "a longer name than before"}));
    listener().reload_if_changed();
    EXPECT_NE(listener().current(), before);
}

TEST_F(key_pair_reload, has_company_when_a_subdirectory_is_new) {
    const auto before = listener().current();
    write_pair(folder, "other", make_identity());
    listener().reload_if_changed();
    EXPECT_EQ(listener().current()->certificates(), 2U);
}

TEST_F(key_pair_reload, stays_while_the_new_files_are_of_no_use) {
    const auto before = listener().current();
    const auto next = make_identity({.common_name = "a longer name than before"});
    folder.write("tls.crt", next.certificate_pem());
    listener().reload_if_changed(); // the key is still the old one's
    EXPECT_EQ(listener().current(), before);
    folder.write("tls.key", next.key_pem());
    listener().reload_if_changed();
    EXPECT_NE(listener().current(), before);
}

// Some causes do not show in a file's state: its mode, or a lack of descriptors.
TEST_F(key_pair_reload, is_tried_again_though_its_files_look_as_they_did_when_they_were_of_no_use) {
    const auto before = listener().current();
    const auto next = make_identity({.common_name = "a longer name than before"});
    const auto key = next.key_pem();
    folder.write("tls.crt", next.certificate_pem());
    const std::filesystem::path key_file = folder.write("tls.key", std::string(key.size(), 'x'));
    const auto written_at = std::filesystem::last_write_time(key_file);
    listener().reload_if_changed();
    EXPECT_EQ(listener().current(), before);
    folder.write("tls.key", key);
    std::filesystem::last_write_time(key_file, written_at);
    listener().reload_if_changed();
    EXPECT_NE(listener().current(), before);
}

TEST_F(key_pair_reload, survives_the_loss_of_its_files) {
    const auto before = listener().current();
    std::filesystem::remove(folder.path() + "/tls.crt");
    listener().reload_if_changed();
    EXPECT_EQ(listener().current(), before);
}

TEST_F(key_pair_reload, is_seen_behind_the_link_that_a_mounted_secret_is_swapped_by) {
    temporary_folder mounted;
    write_pair(mounted, "..1", own);
    write_pair(mounted, "..2", make_identity());
    const auto data = std::filesystem::path(mounted.path()) / "..data";
    std::filesystem::create_directory_symlink("..1", data);
    for (const auto* const file : {"tls.crt", "tls.key"}) {
        std::filesystem::create_symlink(
            std::filesystem::path("..data") / file, std::filesystem::path(mounted.path()) / file
        );
    }
    listener_tls swapped("main", {.mode = listener_mode::optional, .directory = mounted.path()});
    const auto before = swapped.current();
    std::filesystem::create_directory_symlink("..2", data.string() + "_tmp");
    std::filesystem::rename(data.string() + "_tmp", data);
    swapped.reload_if_changed();
    EXPECT_NE(swapped.current(), before);
}

} // namespace
} // namespace wakegate::tls
