#pragma once

#include <cstdint>
#include <string>

namespace wakegate::proxy {

/// Why a session lost its server, for its client.
class connection_loss {
public:
    /// errno of a call that failed. The first counts; 0 says nothing, nor does EPIPE, which follows
    /// another error.
    void note(int error) noexcept;

    /// The message of the client's error.
    [[nodiscard]] std::string describe() const;

private:
    std::int16_t error_ = 0; ///< 0: the server closed the connection
};

} // namespace wakegate::proxy
