#pragma once

#include "common/clock.hpp"
#include "common/warning_schedule.hpp"
#include "proxy/report/scaler_failure.hpp"

#include <map>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// A replica's address that can't be reached, or a name without an address.
struct unreachable_scaler {
    std::string address;
    scaler_failure failure;

    friend bool operator==(const unreachable_scaler&, const unreachable_scaler&) = default;
};

/// Which scalers can't be reached, why, and when to warn of them. No clock: `now` comes in. One
/// thread.
class unreachable_scalers {
public:
    /// A connection is being made; no ack yet.
    void expect(const std::string& address);
    /// The latest failure counts.
    void fail(const std::string& address, scaler_failure failure);
    /// It is reached, or no longer a scaler.
    void remove(const std::string& address);

    /// Those to warn of now: after a few seconds, then once a minute.
    [[nodiscard]] std::vector<unreachable_scaler> due(time_point now);

    [[nodiscard]] std::vector<unreachable_scaler> all() const;

private:
    std::map<std::string, scaler_failure> failures_;
    warning_schedule warnings_{seconds(3)};
};

} // namespace wakegate::proxy
