#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace wakegate::proxy {

/// Why a name has no address, in the resolver's words.
struct lookup_error {
    std::string reason;
};

/// Runs a blocking resolver for many callers. Any thread.
class resolver_pool {
public:
    /// The addresses of a name, at least one.
    using answer = boost::system::result<std::vector<boost::asio::ip::address>, lookup_error>;

    using resolver = std::function<answer(const std::string& name)>;

    /// Waits for one answer. Any thread.
    class waiter {
    public:
        explicit waiter(std::function<void(const answer&)> callback)
            : callback_(std::move(callback)) {}

        void deliver(const answer& found) {
            const std::lock_guard lock(mutex_);
            if (callback_) {
                callback_(found);
            }
        }

        /// Stops waiting. When this returns, the callback does not run and will not.
        void cancel() {
            const std::lock_guard lock(mutex_);
            callback_ = nullptr;
        }

    private:
        std::mutex mutex_;
        std::function<void(const answer&)> callback_; ///< called on a thread of the pool
    };

    resolver_pool(std::size_t threads, resolver blocking);

    /// Looks `name` up, or joins a look-up of it that is under way.
    void ask(const std::string& name, const std::shared_ptr<waiter>& recipient);

private:
    void resolve(const std::string& name);

    resolver blocking_;
    std::mutex mutex_;
    std::map<std::string, std::vector<std::weak_ptr<waiter>>> under_way_;
    boost::asio::thread_pool threads_; ///< last: its threads use the rest
};

/// The system resolver, for the whole process. Never destroyed, so that exit does not wait for a
/// silent name server.
[[nodiscard]] resolver_pool& system_resolver();

} // namespace wakegate::proxy
