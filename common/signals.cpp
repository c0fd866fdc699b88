#include "common/signals.hpp"

#include <utility>

namespace wakegate {

void ignore_signals() noexcept {
    for (const int number : ignored_signals) {
        ::signal(number, SIG_IGN);
    }
}

reload_signal::reload_signal(boost::asio::io_context& context, sd_notifier& notifier, reload reread)
    : signals_(context, SIGHUP), notifier_(notifier), reread_(std::move(reread)) {
    wait();
}

reload_signal::~reload_signal() {
    boost::system::error_code ignored;
    signals_.clear(ignored); // restores the default, which ends the process
    ::signal(SIGHUP, SIG_IGN);
}

void reload_signal::wait() {
    signals_.async_wait([this](boost::system::error_code stopped, int) {
        if (stopped) {
            return;
        }
        notifier_.reloading();
        {
            auto reloaded = log::info("reloaded");
            reread_(reloaded);
            reloaded.with("configuration", "unchanged until a restart");
        }
        notifier_.reloaded();
        wait();
    });
}

} // namespace wakegate
