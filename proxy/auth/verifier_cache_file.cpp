#include "proxy/auth/verifier_cache_file.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wakegate::auth {

namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;
constexpr std::size_t max_cache_size = std::size_t{64} * 1024 * 1024; // some 300,000 roles

std::string error_text(int error) {
    return std::generic_category().message(error);
}

/// Closes its descriptor.
class open_file {
public:
    explicit open_file(int descriptor) noexcept : descriptor_(descriptor) {}

    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;

    ~open_file() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

std::string mode_text(mode_t mode) {
    std::string digits;
    for (const unsigned shift : {9U, 6U, 3U, 0U}) {
        digits.push_back(static_cast<char>('0' + (mode >> shift & 7U)));
    }
    return digits;
}

/// A kubelet gives fsGroup access to each file of a volume when a pod mounts it. Revokes that where
/// this user owns the file and others have no access.
void revoke_group_access(int descriptor, struct ::stat& properties) {
    const bool is_groups =
        (properties.st_mode & S_IRWXG) != 0 && (properties.st_mode & S_IRWXO) == 0;
    const bool is_ours = properties.st_uid == ::geteuid();
    if (is_groups && is_ours && ::fchmod(descriptor, owner_only) == 0) {
        properties.st_mode &= ~static_cast<mode_t>(S_IRWXG);
    }
}

verifier_cache_error
make_error(verifier_cache_errc code, const std::string& path, const std::string& reason) {
    return {.code = code, .reason = path + ": " + reason};
}

/// Whether the file at `path`, which has these properties, may be read.
verifier_cache_result<> check_properties(const std::string& path, const struct ::stat& properties) {
    const auto unfit = [&path](const std::string& reason) {
        return make_error(verifier_cache_errc::unfit, path, reason);
    };
    constexpr mode_t access_of_others = S_IRWXG | S_IRWXO;
    if (!S_ISREG(properties.st_mode)) {
        return unfit("not a file");
    }
    if ((properties.st_mode & access_of_others) != 0) {
        return unfit(
            "others than its owner have access (mode " + mode_text(properties.st_mode) +
            "), and it holds verifiers: chmod 600 it, or delete it"
        );
    }
    if (properties.st_size > static_cast<off_t>(max_cache_size)) {
        return unfit("too long for a verifier cache");
    }
    return {};
}

/// The whole file, or nothing and errno.
std::optional<std::string> read_all(int descriptor) {
    std::string content;
    std::array<char, 64 * 1024> buffer{};
    while (true) {
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count == 0) {
            return content;
        }
        if (count < 0 && errno != EINTR) {
            return std::nullopt;
        }
        if (count > 0) {
            content.append(buffer.data(), static_cast<std::size_t>(count));
        }
        if (content.size() > max_cache_size) {
            errno = EFBIG;
            return std::nullopt;
        }
    }
}

/// 0 or errno.
int write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const auto count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno != EINTR) {
            return errno;
        }
        content.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return ::fsync(descriptor) == 0 ? 0 : errno;
}

/// 0 or errno. Replaces what an earlier process left half-written.
int write_new_file(const std::string& path, std::string_view content) {
    ::unlink(path.c_str());
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    const open_file file(::open(path.c_str(), flags, owner_only));
    return file.is_open() ? write_all(file.descriptor(), content) : errno;
}

std::filesystem::path directory_of(const std::string& path) {
    const auto directory = std::filesystem::path(path).parent_path();
    return directory.empty() ? std::filesystem::path(".") : directory;
}

/// Whether a file can be written in the directory of `path`.
verifier_cache_result<> check_directory(const std::string& path) {
    const auto directory = directory_of(path).string();
    const auto probe = path + ".check";
    const int error = write_new_file(probe, {});
    if (error == 0) {
        ::unlink(probe.c_str());
        return {};
    }
    const std::string_view remedy = error == ENOENT || error == ENOTDIR
                                        ? "make it, for the user who runs the gate"
                                        : "let the user who runs the gate write there";
    return make_error(
        verifier_cache_errc::unwritable,
        path,
        "cannot be written, " + directory + ": " + error_text(error) + "; " + std::string(remedy)
    );
}

/// 0 or errno. Makes the rename durable.
int flush_directory_of(const std::string& path) {
    const auto directory = directory_of(path);
    const open_file opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return opened.is_open() && ::fsync(opened.descriptor()) == 0 ? 0 : errno;
}

} // namespace

verifier_cache_result<std::vector<cached_verifier>> load_verifier_cache(const std::string& path) {
    const auto unreadable = [&path] {
        return make_error(verifier_cache_errc::unreadable, path, error_text(errno));
    };
    const open_file file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) {
        if (errno == ENOENT) {
            return std::vector<cached_verifier>();
        }
        return unreadable();
    }
    struct ::stat properties{};
    if (::fstat(file.descriptor(), &properties) != 0) {
        return unreadable();
    }
    revoke_group_access(file.descriptor(), properties);
    if (auto checked = check_properties(path, properties); !checked) {
        return std::move(checked).error();
    }
    auto content = read_all(file.descriptor());
    if (!content) {
        return unreadable();
    }
    auto parsed = parse_verifier_cache(*content);
    OPENSSL_cleanse(content->data(), content->size());
    if (const auto* const reason = std::get_if<std::string>(&parsed)) {
        return make_error(verifier_cache_errc::damaged, path, *reason);
    }
    return std::get<std::vector<cached_verifier>>(std::move(parsed));
}

verifier_cache_result<>
save_verifier_cache(const std::string& path, const std::vector<cached_verifier>& roles) {
    const auto temporary = path + ".new";
    auto content = write_verifier_cache(roles);
    int error = write_new_file(temporary, content);
    OPENSSL_cleanse(content.data(), content.size());
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(temporary.c_str());
        return make_error(
            verifier_cache_errc::unwritable, path, "cannot be written: " + error_text(error)
        );
    }
    error = flush_directory_of(path);
    if (error != 0) {
        return make_error(
            verifier_cache_errc::unflushed, path, "cannot be flushed: " + error_text(error)
        );
    }
    return {};
}

verifier_cache_result<> check_verifier_cache_path(const std::string& path) {
    const open_file file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    verifier_cache_result<> checked;
    struct ::stat properties{};
    if (!file.is_open()) {
        if (errno != ENOENT && errno != ENOTDIR) {
            return make_error(verifier_cache_errc::unreadable, path, error_text(errno));
        }
    } else if (::fstat(file.descriptor(), &properties) == 0) {
        // Reading a file that this user owns revokes its group's access.
        const bool is_ours = properties.st_uid == ::geteuid() && S_ISREG(properties.st_mode);
        properties.st_mode &= is_ours && (properties.st_mode & S_IRWXO) == 0
                                  ? ~static_cast<mode_t>(S_IRWXG)
                                  : ~static_cast<mode_t>(0);
        checked = check_properties(path, properties);
    }
    return checked ? check_directory(path) : checked;
}

} // namespace wakegate::auth
