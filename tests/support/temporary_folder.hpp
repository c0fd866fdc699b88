#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace wakegate::support {

/// A folder of files; removed by the destructor.
class temporary_folder {
public:
    temporary_folder() : path_(std::filesystem::temp_directory_path() / "wakegate-XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw std::runtime_error("no temporary folder");
        }
    }

    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

    /// Writes `name`, with its missing parent folders, and returns its path.
    std::string write(const std::string& name, std::string_view content) const {
        const auto written = file(name);
        std::filesystem::create_directories(std::filesystem::path(written).parent_path());
        std::ofstream(written, std::ios::binary) << content;
        return written;
    }

    [[nodiscard]] std::string text_of(const std::string& name) const {
        std::ifstream input(file(name));
        return {std::istreambuf_iterator<char>(input), {}};
    }

private:
    std::string path_;
};

} // namespace wakegate::support
