#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "base/raii.h"

namespace poolbench::base {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30U;

tl::unexpected<Error> cannot_write(const std::filesystem::path& path) {
  const std::string reason = std::strerror(errno);
  return failed(fmt::format("cannot write {}: {}", path.string(), reason), path.string(),
                "free some space, or name another place");
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

tl::unexpected<Error> cannot_read(const std::filesystem::path& path, const std::string& reason) {
  return bad_input(fmt::format("cannot read {}: {}", path.string(), reason), path.string());
}

class Sha256 {
 public:
  Sha256() { ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr); }

  void add(const void* bytes, std::size_t count) {
    ::EVP_DigestUpdate(context_.get(), bytes, count);
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    ::EVP_DigestFinal_ex(context_.get(), digest.data(), &length);
    std::string text;
    for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context_{::EVP_MD_CTX_new(),
                                                                     &::EVP_MD_CTX_free};
};

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string content;
  char buffer[65536];
  ssize_t got = fd ? 1 : -1;
  while (got > 0) {
    if (content.size() > kLargestFile) {
      return cannot_read(path, fmt::format("it is larger than {} MiB", kLargestFile >> 20U));
    }
    got = ::read(fd.get(), buffer, sizeof buffer);
    if (got > 0) content.append(buffer, static_cast<std::size_t>(got));
  }
  if (got < 0) return cannot_read(path, std::strerror(errno));
  return content;
}

namespace {

Result<void> write_in_place(const std::filesystem::path& path, std::string_view content) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd || !write_all(fd.get(), content)) return cannot_write(path);
  return {};
}

/// Where the links of a path lead; the path itself if it is none, or leads nowhere.
std::filesystem::path without_links(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_symlink(path, error)) return path;
  const auto real = std::filesystem::canonical(path, error);
  return error ? path : real;
}

}  // namespace

Result<void> write_file_atomically(const std::filesystem::path& named, std::string_view content) {
  const std::filesystem::path path = without_links(named);
  std::error_code ignored;
  if (std::filesystem::is_other(path, ignored)) return write_in_place(path, content);
  std::string temporary = path.string() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return cannot_write(path);
  constexpr mode_t kReadableByAll = 0644;
  if (!write_all(fd.get(), content) || ::fchmod(fd.get(), kReadableByAll) != 0 ||
      ::fsync(fd.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = cannot_write(path);
    ::unlink(temporary.c_str());
    return error;
  }
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const UniqueFd folder_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder_fd) ::fsync(folder_fd.get());
  return {};
}

Result<std::vector<std::filesystem::path>> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    entries.push_back(at->path());
  }
  if (error) return cannot_read(folder, error.message());
  std::ranges::sort(entries);
  return entries;
}

std::string tail_of_file(const std::filesystem::path& path, int lines, std::size_t max_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t length = std::min(size, max_bytes);
  std::string text(length, '\0');
  file.seekg(static_cast<std::streamoff>(size - length));
  file.read(text.data(), static_cast<std::streamsize>(length));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::size_t start = text.size();
  for (int line = 0; line < lines && start != std::string::npos && start > 0; ++line) {
    start = text.rfind('\n', start - 1);
  }
  return start == std::string::npos || start == 0 ? text : text.substr(start + 1);
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
  const auto cannot_read = [&](const char* reason) {
    return bad_input(fmt::format("cannot read {}: {}", file.string(), reason), file.string());
  };
  // A FIFO would keep us waiting for its writer.
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return cannot_read(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return cannot_read("it is no plain file");
  Sha256 hash;
  std::array<char, 65536> buffer{};
  ssize_t got = 0;
  while ((got = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
    hash.add(buffer.data(), static_cast<std::size_t>(got));
  }
  if (got < 0) return cannot_read(std::strerror(errno));
  return hash.hex();
}

}  // namespace poolbench::base
