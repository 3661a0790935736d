#include "base/sha256.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/unique_fd.h"

namespace poolbench::base {
namespace {

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
