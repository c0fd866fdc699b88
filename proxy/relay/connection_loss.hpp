#pragma once

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// Why a session has lost its server: the text of its client's error.
class connection_loss {
public:
    /// Records the errno of a call that failed, unless an earlier one is recorded. Ignores 0, and
    /// EPIPE, which only follows another error.
    void note(int error) noexcept;

    [[nodiscard]] std::string describe() const;

private:
    std::int16_t error_ = 0; ///< 0: the server closed the connection
};

} // namespace wakegate::proxy
