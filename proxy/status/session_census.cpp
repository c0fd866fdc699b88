#include "proxy/status/session_census.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

/// One census, until the last thread has answered or the time is up. On the control thread; other
/// threads only hold it, and the tallies that they fill.
class session_census::round : public std::enable_shared_from_this<round> {
public:
    explicit round(asio::io_context& control) : control_(control), deadline_(control) {}

    void add(std::function<void(const census_result&)> taken) {
        waiting_.push_back(std::move(taken));
    }

    void start(
        const std::vector<std::unique_ptr<worker>>& workers,
        const std::vector<setup_thread_clients>& fronts,
        milliseconds longest
    ) {
        result_.threads = result_.missing = 2 * workers.size();
        deadline_.expires_after(longest);
        deadline_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
            if (!stopped) {
                self->finish();
            }
        });
        for (std::size_t index = 0; index < workers.size(); ++index) {
            ask(*workers[index], fronts[index].held);
        }
    }

    [[nodiscard]] bool is_over() const noexcept { return over_; }

private:
    void ask(worker& one, const held_sessions& held) {
        const auto relayed = std::make_shared<session_tally>();
        one.relay().count_sessions(relayed, answer_with(relayed));
        const auto waiting = std::make_shared<session_tally>();
        asio::post(one.front(), [waiting, &held, answered = answer_with(waiting)] {
            held.add_to(*waiting);
            answered();
        });
    }

    /// What the other thread calls when it has filled the tally.
    [[nodiscard]] std::function<void()> answer_with(std::shared_ptr<session_tally> tally) {
        return [self = shared_from_this(), tally = std::move(tally)] {
            asio::post(self->control_, [self, tally] { self->take_in(*tally); });
        };
    }

    void take_in(const session_tally& tally) {
        if (over_) {
            return;
        }
        result_.sums.add(tally);
        if (--result_.missing == 0) {
            finish();
        }
    }

    void finish() {
        over_ = true;
        deadline_.cancel();
        for (const auto& taken : std::exchange(waiting_, {})) {
            taken(result_);
        }
    }

    asio::io_context& control_;
    asio::steady_timer deadline_;
    std::vector<std::function<void(const census_result&)>> waiting_;
    census_result result_;
    bool over_ = false;
};

void session_census::take(std::function<void(const census_result&)> taken, milliseconds longest) {
    auto current = under_way_.lock();
    if (current == nullptr || current->is_over()) {
        current = std::make_shared<round>(control_);
        under_way_ = current;
        current->add(std::move(taken));
        current->start(workers_, fronts_, longest);
    } else {
        current->add(std::move(taken));
    }
}

} // namespace wakegate::proxy
