// A data race for ThreadSanitizer to report: if it does not, its silence about the tests means
// nothing. Neither thread synchronises with the other, so it is reported whichever runs first.

#include <thread>

int main() {
    int shared = 0;
    std::thread one([&] { ++shared; });
    std::thread other([&] { ++shared; });
    one.join();
    other.join();
    return shared == 2 ? 0 : 1;
}
