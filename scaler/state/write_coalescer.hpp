#pragma once

namespace wakegate::scaler {

/// Coalesces the messages of one stream: one being written, at most one pending, the latest
/// wins. The owner keeps the message; this only decides when to start a write. Not synchronised.
class write_coalescer {
public:
    /// A message is to be sent. True: start the write now.
    [[nodiscard]] bool request() noexcept {
        if (writing_) {
            pending_ = true;
            return false;
        }
        writing_ = true;
        return true;
    }

    /// The write is done. True: start the next one now.
    [[nodiscard]] bool complete() noexcept {
        writing_ = pending_;
        pending_ = false;
        return writing_;
    }

private:
    bool writing_ = false;
    bool pending_ = false;
};

} // namespace wakegate::scaler
