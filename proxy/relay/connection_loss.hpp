#pragma once

#include <cstdint>

namespace wakegate::proxy {

/// Why a session has lost its server.
class connection_loss {
public:
    /// Records the errno of a call that failed, unless an earlier one is recorded. Ignores 0, and
    /// EPIPE, which only follows another error.
    void note(int error) noexcept;

    /// An errno; 0: the server closed the connection.
    [[nodiscard]] int system_error() const noexcept { return error_; }

private:
    std::int16_t error_ = 0;
};

} // namespace wakegate::proxy
