#include "tests/auth/scram_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

/// Client and server with random roles and passwords, and with a man in the middle.
namespace wakegate::auth {

namespace {

using support::log_in;
using support::untouched;

class random_source {
public:
    std::size_t below(std::size_t bound) { return engine_() % bound; }

    /// Text of a script for which SASLprep has many rules, or raw bytes.
    std::string password() {
        std::string text;
        const auto size = 1 + below(12);
        const auto script = below(scripts);
        for (std::size_t i = 0; i < size; ++i) {
            append(text, script);
        }
        return text;
    }

    std::string bytes(std::size_t size) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) {
            text.push_back(static_cast<char>(below(256)));
        }
        return text;
    }

    std::string nonce() {
        std::string text;
        for (std::size_t i = 0; i < 24; ++i) {
            text.push_back(static_cast<char>('a' + below(26)));
        }
        return text;
    }

private:
    static constexpr std::size_t scripts = 6;

    void append(std::string& text, std::size_t script) {
        switch (script) {
        case 0:
            text.push_back(static_cast<char>(' ' + below(95)));
            break;
        case 1:
            append_utf8(text, 0x80 + below(0x280)); // Latin and marks
            break;
        case 2:
            append_utf8(text, 0x590 + below(0x170)); // Hebrew, Arabic
            break;
        case 3:
            append_utf8(text, 0x2000 + below(0x200)); // spaces, signs, letter-like
            break;
        case 4:
            append_utf8(text, 0x1100 + below(0xc000)); // Hangul, kana, ideographs
            break;
        default:
            text.push_back(static_cast<char>(1 + below(255)));
        }
    }

    static void append_utf8(std::string& text, std::size_t code) {
        if (code >= 0x800) {
            text.push_back(static_cast<char>(0xe0 | code >> 12));
            text.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
        } else {
            text.push_back(static_cast<char>(0xc0 | code >> 6));
        }
        text.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }

    std::mt19937 engine_{7677};
};

struct pair {
    scram_client client;
    scram_server server;
};

pair make_pair(random_source& random, const std::string& password, const std::string& typed) {
    const auto verifier = scram_verifier::derive(
        password,
        random.bytes(1 + random.below(32)),
        static_cast<std::uint32_t>(1 + random.below(20))
    );
    const auto hash = random.below(2) == 0 ? std::string() : random.bytes(32);
    return {
        scram_client(secret_text(typed), {.nonce = random.nonce(), .end_point_hash = hash}),
        scram_server(
            scram_account::of(&verifier, "secret", "ann"),
            {.nonce = random.nonce(), .end_point_hash = hash}
        )
    };
}

TEST(scram_agreement, a_thousand_passwords_log_in_and_their_keys_too) {
    random_source random;
    for (int i = 0; i < 1000; ++i) {
        const auto password = random.password();
        const auto verifier = scram_verifier::derive(password, random.bytes(16), 2);
        const auto make_server = [&] {
            return scram_server(
                scram_account::of(&verifier, "secret", "ann"), {.nonce = random.nonce()}
            );
        };
        scram_client client(secret_text(password), {.nonce = random.nonce()});
        auto proxy = make_server();
        const auto first = log_in(client, proxy, untouched);
        ASSERT_TRUE(first.server_proved) << i << " " << first.trouble;

        scram_client proxys_client(*first.keys, {.nonce = random.nonce()});
        auto backend = make_server();
        const auto second = log_in(proxys_client, backend, untouched);
        ASSERT_TRUE(second.server_proved) << i << " " << second.trouble;
        EXPECT_EQ(second.keys, first.keys);
    }
}

TEST(scram_agreement, no_other_password_logs_in) {
    random_source random;
    for (int i = 0; i < 1000; ++i) {
        const auto password = random.password();
        auto [client, server] = make_pair(random, password, password + "x");
        const auto outcome = log_in(client, server, untouched);
        EXPECT_FALSE(outcome.keys);
        EXPECT_EQ(outcome.trouble, "28P01 password authentication failed for user \"ann\"");
    }
}

TEST(scram_agreement, a_message_cut_short_or_made_longer_is_never_accepted) {
    random_source random;
    for (int index = 0; index < 4; ++index) {
        for (int i = 0; i < 250; ++i) {
            auto [client, server] = make_pair(random, "pencil", "pencil");
            const auto outcome = log_in(client, server, [&](int at, std::string message) {
                if (at != index) {
                    return message;
                }
                const bool longer = random.below(4) == 0;
                return longer ? message + random.bytes(1 + random.below(600))
                              : message.substr(0, random.below(message.size()));
            });
            EXPECT_FALSE(outcome.server_proved) << index;
        }
    }
}

TEST(scram_agreement, a_changed_byte_is_never_accepted) {
    random_source random;
    for (int index = 0; index < 4; ++index) {
        for (int i = 0; i < 500; ++i) {
            auto [client, server] = make_pair(random, "pencil", "pencil");
            const auto outcome = log_in(client, server, [&](int at, std::string message) {
                if (at == index) {
                    auto& byte = message[random.below(message.size())];
                    byte = static_cast<char>(byte ^ (1 + random.below(255)));
                }
                return message;
            });
            EXPECT_FALSE(outcome.server_proved) << index;
        }
    }
}

std::string swap_attributes(const std::string& message, random_source& random) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at != std::string::npos;) {
        const auto comma = message.find(',', at);
        parts.push_back(message.substr(at, comma - at));
        at = comma == std::string::npos ? comma : comma + 1;
    }
    const auto place = random.below(parts.size());
    std::swap(parts[place], parts[(place + 1) % parts.size()]);
    std::string result;
    for (const auto& part : parts) {
        result += (result.empty() && &part == &parts.front() ? "" : ",") + part;
    }
    return result;
}

TEST(scram_agreement, attributes_in_another_order_are_never_accepted) {
    random_source random;
    for (int index = 1; index < 3; ++index) {
        for (int i = 0; i < 100; ++i) {
            auto [client, server] = make_pair(random, "pencil", "pencil");
            const auto outcome = log_in(client, server, [&](int at, const std::string& message) {
                return at == index ? swap_attributes(message, random) : message;
            });
            EXPECT_FALSE(outcome.keys) << index;
        }
    }
}

TEST(scram_agreement, messages_in_another_order_are_never_accepted) {
    random_source random;
    for (int index = 0; index < 4; ++index) {
        std::string earlier = "c=biws";
        auto [client, server] = make_pair(random, "pencil", "pencil");
        const auto outcome = log_in(client, server, [&](int at, const std::string& message) {
            return at == index ? earlier : (earlier = message);
        });
        EXPECT_FALSE(outcome.server_proved) << index;
    }
}

} // namespace

} // namespace wakegate::auth
