#include "proxy/wire/login_exchange.hpp"
#include "tests/support/message_bytes.hpp"
#include "tests/support/segmentation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wakegate::wire {
namespace {

using namespace std::string_literals;
using namespace support;

struct turn {
    enum { of_client, of_server } sender;

    std::string bytes;
    bool client_owes_then;
};

turn server(std::string bytes, bool client_owes_then) {
    return {turn::of_server, std::move(bytes), client_owes_then};
}

turn client(std::string bytes, bool client_owes_then = false) {
    return {turn::of_client, std::move(bytes), client_owes_then};
}

struct login {
    const char* name;
    std::vector<turn> turns;
};

const auto password = frame('p', "secret\0"s);
const auto sasl = authentication(10, "SCRAM-SHA-256\0\0"s);
const auto negotiate = frame('v', int32(0x0003'0000) + int32(0));

class login_exchange_scenarios : public testing::TestWithParam<login> {};

TEST_P(login_exchange_scenarios, wait_for_the_client_while_it_owes_an_answer) {
    const auto& turns = GetParam().turns;
    for (std::size_t tested = 0; tested < turns.size(); ++tested) {
        under_every_segmentation(turns[tested].bytes, [&](const pieces& cuts) {
            login_exchange exchange;
            const auto feed = [&exchange](const turn& message, std::string_view piece) {
                message.sender == turn::of_client ? exchange.client_sent(piece)
                                                  : exchange.server_sent(piece);
            };
            for (std::size_t before = 0; before < tested; ++before) {
                feed(turns[before], turns[before].bytes);
            }
            for (const auto piece : cuts) {
                feed(turns[tested], piece);
            }
            EXPECT_EQ(exchange.client_owes_answer(), turns[tested].client_owes_then)
                << "after turn " << tested;
        });
    }
}

INSTANTIATE_TEST_SUITE_P(
    login_exchange_of_postgres,
    login_exchange_scenarios,
    testing::ValuesIn(std::vector<login>{
        {"trust", {server(authentication_ok(), false), server(ready_for_query('I'), false)}},
        {"password",
         {server(authentication(3), true),
          client(password),
          server(authentication_ok() + ready_for_query('I'), false)}},
        {"md5", {server(negotiate + authentication(5, "salt"), true), client(password)}},
        {"scram",
         {server(sasl, true),
          client(frame('p', "client-first")),
          server(authentication(11, "server-first"), true),
          client(frame('p', "client-final")),
          server(authentication(12, "server-final"), false),
          server(authentication_ok(), false)}},
        {"gss_whose_last_token_wants_no_answer",
         {server(authentication(7), true),
          client(frame('p', "token")),
          server(authentication(8, "last token") + authentication_ok(), false)}},
        {"wrong_password",
         {server(authentication(3), true), client(password), server(error("FATAL", "28P01"), false)}
        },
        {"server_that_gives_up_by_itself",
         {server(authentication(3), true), server(error("FATAL", "57014"), false)}},
        {"notice_before_the_answer", {server(sasl, true), server(notice(), true)}},
        {"request_in_pieces",
         {server(sasl.substr(0, 9), false), server(sasl.substr(9), true), client(password)}},
        {"answer_in_pieces",
         {server(sasl, true), client(password.substr(0, 8), true), client(password.substr(8))}},
        {"answer_without_a_body", {server(sasl, true), client(frame('p'))}},
        {"answer_before_its_question",
         {client(password), server(authentication(3), false), server(sasl, true)}},
        {"what_is_no_answer", {server(sasl, true), client(query("SELECT 1"))}},
        {"length_of_the_clients_that_cannot_be",
         {server(sasl, true), client("p\0\0\0\3"s, true), client(password, true)}},
        {"length_of_the_servers_that_cannot_be",
         {server(sasl, true), server("R\0\0\0\3"s, false), server(sasl, false)}},
        {"request_without_a_kind", {server(frame('R', "abc"), false)}},
    }),
    [](const auto& tested) { return tested.param.name; }
);

} // namespace
} // namespace wakegate::wire
