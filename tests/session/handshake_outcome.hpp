#pragma once

#include "proxy/session/client_error.hpp"
#include "proxy/session/handshake.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <variant>

namespace wakegate::support {

using handshake_outcome = proxy::handshake_result<proxy::client_request>;

/// The request as `Expected`; the test fails when it is another kind or an error.
template <typename Expected> Expected as(handshake_outcome outcome) {
    if (!outcome || !std::holds_alternative<Expected>(*outcome)) {
        ADD_FAILURE() << "error " << static_cast<int>(outcome.error().code);
        return {};
    }
    return std::get<Expected>(*std::move(outcome));
}

/// The error; the test fails when it has another code, or there is none.
inline proxy::handshake_error
error_of(const handshake_outcome& outcome, proxy::handshake_errc code) {
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, code);
    return outcome.error();
}

/// The error that is sent to the client.
inline proxy::client_error client_error_of(const handshake_outcome& outcome) {
    EXPECT_FALSE(outcome);
    return to_client_error(outcome.error());
}

} // namespace wakegate::support
