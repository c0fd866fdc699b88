#include "proxy/net/resolver_pool.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace wakegate::proxy {

namespace asio = boost::asio;

namespace {

/// So many slow names delay no other names.
constexpr std::size_t system_threads = 8;

resolver_pool::answer ask_system(const std::string& name) {
    asio::io_context context(1);
    asio::ip::tcp::resolver resolver(context);
    boost::system::error_code unknown;
    std::vector<asio::ip::address> found;
    for (const auto& entry : resolver.resolve(name, "", unknown)) {
        found.push_back(entry.endpoint().address());
    }
    if (found.empty()) {
        return lookup_error{unknown ? unknown.message() : "the name has no address"};
    }
    return found;
}

} // namespace

resolver_pool::resolver_pool(std::size_t threads, resolver blocking)
    : blocking_(std::move(blocking)), threads_(threads) {}

void resolver_pool::ask(const std::string& name, const std::shared_ptr<waiter>& recipient) {
    const std::lock_guard lock(mutex_);
    auto& waiting = under_way_[name];
    const bool is_first = waiting.empty();
    // Drop those that gave up: else they pile up at a name without an answer.
    std::erase_if(waiting, [](const auto& each) { return each.expired(); });
    waiting.push_back(recipient);
    if (is_first) {
        asio::post(threads_, [this, name] { resolve(name); });
    }
}

void resolver_pool::resolve(const std::string& name) {
    const auto found = blocking_(name);
    std::vector<std::weak_ptr<waiter>> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting = std::move(under_way_.extract(name).mapped());
    }
    for (const auto& each : waiting) {
        if (const auto recipient = each.lock()) {
            recipient->deliver(found);
        }
    }
}

resolver_pool& system_resolver() {
    static auto& all = *new resolver_pool(system_threads, ask_system);
    return all;
}

} // namespace wakegate::proxy
