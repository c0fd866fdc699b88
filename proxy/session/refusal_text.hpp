#pragma once

#include "proxy/gate/gate.hpp"

#include <string>
#include <string_view>

namespace wakegate::proxy {

/// What a refused client reads, and what the log and the metrics call it. Every refusal of the
/// proxy's own stands in this file's .cpp, so that it can be read as one table.
struct refusal_text {
    std::string_view sqlstate; ///< PostgreSQL manual, appendix A
    std::string message;
    std::string_view hint;

    /// The ErrorResponse, FATAL.
    [[nodiscard]] std::string to_message() const;
};

[[nodiscard]] refusal_text at_the_gate(refusal why, std::string_view cluster);
[[nodiscard]] refusal_text no_such_database(std::string_view database);
[[nodiscard]] refusal_text bad_startup(std::string_view reason);
[[nodiscard]] refusal_text startup_too_slow();
[[nodiscard]] refusal_text out_of_resources();

} // namespace wakegate::proxy
