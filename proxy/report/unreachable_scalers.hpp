#pragma once

#include "common/clock.hpp"
#include "common/warning_schedule.hpp"
#include "proxy/report/scaler_failure.hpp"

#include <map>
#include <string>
#include <vector>

namespace wakegate::proxy {

/// An address that is to be reached and is not, or a name that has no address.
struct unreachable_scaler {
    std::string address;
    scaler_failure failure;

    friend bool operator==(const unreachable_scaler&, const unreachable_scaler&) = default;
};

/// Which of the scalers' addresses can't be reached, why, and when to say so. Time comes in; lives
/// on one thread.
class unreachable_scalers {
public:
    /// It is to be reached, and has not answered yet.
    void expect(const std::string& address);
    /// It has failed once more; the latest failure counts.
    void fail(const std::string& address, scaler_failure failure);
    /// It has been reached, or is not to be any more.
    void remove(const std::string& address);

    /// Those to warn of now: a few seconds after they were missed, then once a minute.
    [[nodiscard]] std::vector<unreachable_scaler> due(time_point now);

    [[nodiscard]] std::vector<unreachable_scaler> all() const;

private:
    std::map<std::string, scaler_failure> failures_;
    warning_schedule warnings_{seconds(3)};
};

} // namespace wakegate::proxy
