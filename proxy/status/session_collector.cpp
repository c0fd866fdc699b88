#include "proxy/status/session_collector.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

/// One collection, until the last thread has replied or the time is up. On the control thread;
/// other threads only hold references to it and to the tallies that they fill.
class session_collector::collection : public std::enable_shared_from_this<collection> {
public:
    explicit collection(asio::io_context& control) : control_(control), deadline_(control) {}

    void add(std::function<void(const session_collection&)> on_result) {
        waiting_.push_back(std::move(on_result));
    }

    void start(
        const std::vector<std::unique_ptr<worker>>& workers,
        const std::vector<setup_thread_clients>& setup_threads,
        milliseconds limit
    ) {
        result_.threads = result_.missing = 2 * workers.size();
        deadline_.expires_after(limit);
        deadline_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
            if (!stopped) {
                self->finish();
            }
        });
        for (std::size_t index = 0; index < workers.size(); ++index) {
            request_counts(*workers[index], setup_threads[index].held);
        }
    }

    [[nodiscard]] bool is_over() const noexcept { return over_; }

private:
    void request_counts(worker& target, const held_sessions& held) {
        const auto relayed = std::make_shared<session_tally>();
        target.relay().count_sessions(relayed, reply_with(relayed));
        const auto waiting = std::make_shared<session_tally>();
        asio::post(target.setup_context(), [waiting, &held, answered = reply_with(waiting)] {
            held.add_to(*waiting);
            answered();
        });
    }

    /// Called by the other thread once it has filled the tally.
    [[nodiscard]] std::function<void()> reply_with(std::shared_ptr<session_tally> tally) {
        return [self = shared_from_this(), tally = std::move(tally)] {
            asio::post(self->control_, [self, tally] { self->add_tally(*tally); });
        };
    }

    void add_tally(const session_tally& tally) {
        if (over_) {
            return;
        }
        result_.groups.add(tally);
        if (--result_.missing == 0) {
            finish();
        }
    }

    void finish() {
        over_ = true;
        deadline_.cancel();
        for (const auto& on_result : std::exchange(waiting_, {})) {
            on_result(result_);
        }
    }

    asio::io_context& control_;
    asio::steady_timer deadline_;
    std::vector<std::function<void(const session_collection&)>> waiting_;
    session_collection result_;
    bool over_ = false;
};

void session_collector::collect(
    std::function<void(const session_collection&)> on_result, milliseconds limit
) {
    auto current = under_way_.lock();
    if (current == nullptr || current->is_over()) {
        current = std::make_shared<collection>(control_);
        under_way_ = current;
        current->add(std::move(on_result));
        current->start(workers_, setup_threads_, limit);
    } else {
        current->add(std::move(on_result));
    }
}

} // namespace wakegate::proxy
