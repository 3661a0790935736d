#include "stats/histogram.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <new>
#include <optional>

#include "base/text.h"

namespace poolbench::stats {
namespace {

// Three digits need 2000 values at unit resolution, so 2048 a bucket; the lower half of each later
// bucket repeats the one before it and is not stored.
constexpr int kHalfCountMagnitude = 10;
constexpr std::uint64_t kHalfCount = 1ULL << kHalfCountMagnitude;
constexpr std::uint64_t kSubBucketMask = 2 * kHalfCount - 1;
constexpr std::uint32_t kSignificantDigits = 3;

constexpr std::uint32_t kEncodingCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;
constexpr std::size_t kHeaderBytes = 40;
constexpr std::size_t kCompressedHeaderBytes = 8;
constexpr std::uint64_t kOneAsDouble = 0x3ff0000000000000;

constexpr std::size_t index_of(std::uint64_t value) {
  const int bucket = 64 - std::countl_zero(value | kSubBucketMask) - (kHalfCountMagnitude + 1);
  const std::uint64_t sub_bucket = value >> bucket;
  return (static_cast<std::size_t>(bucket + 1) << kHalfCountMagnitude) + sub_bucket - kHalfCount;
}

constexpr std::size_t kSlots = index_of(Histogram::kHighest) + 1;

constexpr int bucket_of(std::size_t index) {
  return std::max(0, static_cast<int>(index >> kHalfCountMagnitude) - 1);
}

constexpr std::uint64_t lowest_in(std::size_t index) {
  if (index < 2 * kHalfCount) return index;
  return ((index & (kHalfCount - 1)) + kHalfCount) << bucket_of(index);
}

constexpr std::uint64_t width_of(std::size_t index) { return 1ULL << bucket_of(index); }

constexpr std::uint64_t highest_in(std::size_t index) {
  return lowest_in(index) + width_of(index) - 1;
}

template <typename Integer>
void append_big_endian(std::string& out, Integer value) {
  for (int shift = 8 * static_cast<int>(sizeof value) - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> shift) & 0xff);
  }
}

template <typename Integer>
Integer read_big_endian(std::string_view bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Integer>(value << 8 | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

// ZigZag LEB128 of at most nine bytes: the ninth carries eight bits.
void append_varint(std::string& out, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int byte = 0; byte < 8; ++byte) {
    if (rest < 0x80) {
      out += static_cast<char>(rest);
      return;
    }
    out += static_cast<char>(rest | 0x80);
    rest >>= 7;
  }
  out += static_cast<char>(rest);
}

std::optional<std::int64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int byte = 0; byte < 9 && !bytes.empty(); ++byte) {
    const auto part = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const bool last = byte == 8 || part < 0x80;
    value |= static_cast<std::uint64_t>(byte == 8 ? part : part & 0x7f) << (7 * byte);
    if (last) return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  return std::nullopt;
}

std::string deflate_all(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  // The only failure left is want of memory, as the buffer is large enough.
  compress(reinterpret_cast<Bytef*>(out.data()), &size,
           reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  out.resize(size);
  return out;
}

// Bounded, since the text may come from anywhere: nine bytes a slot is the most there can be.
std::optional<std::string> inflate_all(std::string_view bytes) {
  uLongf size = kHeaderBytes + 9 * kSlots;
  std::string out(size, '\0');
  const int status = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (status != Z_OK) return std::nullopt;
  out.resize(size);
  return out;
}

auto refuse(std::string_view why) {
  return base::bad_input(fmt::format("not a usable HdrHistogram: {}", why), {},
                         "give a V2 compressed histogram with 3 significant digits, in base64");
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-owning-memory): calloc gives zeroed pages only as they are used
void Histogram::Free::operator()(std::uint64_t* counts) const { std::free(counts); }

Histogram::Histogram()
    : counts_(static_cast<std::uint64_t*>(std::calloc(kSlots, sizeof(std::uint64_t)))) {
  if (!counts_) throw std::bad_alloc();
}

Histogram::Histogram(const Histogram& other) : Histogram() { merge(other); }

Histogram& Histogram::operator=(const Histogram& other) {
  if (this != &other) *this = Histogram(other);
  return *this;
}

void Histogram::record(std::uint64_t value, std::uint64_t count) {
  if (value < kLowest || value > kHighest) {
    value = std::clamp(value, kLowest, kHighest);
    clamped_ += count;
  }
  counts_[index_of(value)] += count;
  total_ += count;
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (other.counts_[i] > 0) counts_[i] += other.counts_[i];
  }
  total_ += other.total_;
  clamped_ += other.clamped_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t value) const {
  const std::size_t last = index_of(std::min(value, kHighest));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i <= last; ++i) sum += counts_[i];
  return sum;
}

std::uint64_t Histogram::min() const {
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (counts_[i] > 0) return lowest_in(i);
  }
  return 0;
}

std::uint64_t Histogram::max() const {
  for (std::size_t i = kSlots; i > 0; --i) {
    if (counts_[i - 1] > 0) return highest_in(i - 1);
  }
  return 0;
}

double Histogram::mean() const {
  if (total_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::uint64_t middle = lowest_in(i) + width_of(i) / 2;
    sum += static_cast<double>(counts_[i]) * static_cast<double>(middle);
  }
  return sum / static_cast<double>(total_);
}

std::uint64_t Histogram::value_at_quantile(double q) const {
  return values_at_quantiles({&q, 1}).front();
}

std::vector<std::uint64_t> Histogram::values_at_quantiles(std::span<const double> rising) const {
  std::vector<std::uint64_t> values;
  std::uint64_t seen = 0;
  std::size_t slot = 0;  // those before it are seen
  for (const double q : rising) {
    const double rank = std::floor(std::clamp(q, 0.0, 1.0) * static_cast<double>(total_) + 0.5);
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
    while (seen < wanted && slot < kSlots) seen += counts_[slot++];
    values.push_back(seen < wanted ? 0 : highest_in(slot - 1));
  }
  return values;
}

std::string Histogram::encode() const {
  std::string payload;
  const std::size_t used = total_ == 0 ? 0 : index_of(max()) + 1;
  for (std::size_t i = 0; i < used;) {
    std::size_t zeros = 0;
    while (i + zeros < used && counts_[i + zeros] == 0) ++zeros;
    append_varint(payload, zeros > 0 ? -static_cast<std::int64_t>(zeros)
                                     : static_cast<std::int64_t>(counts_[i]));
    i += std::max<std::size_t>(zeros, 1);
  }
  std::string whole;
  append_big_endian(whole, kEncodingCookie);
  append_big_endian(whole, static_cast<std::uint32_t>(payload.size()));
  append_big_endian(whole, std::uint32_t{0});  // normalizing index offset: never shifted
  append_big_endian(whole, kSignificantDigits);
  append_big_endian(whole, kLowest);
  append_big_endian(whole, kHighest);
  append_big_endian(whole, kOneAsDouble);  // ratio of integers to doubles
  const std::string deflated = deflate_all(whole + payload);
  std::string out;
  append_big_endian(out, kCompressedCookie);
  append_big_endian(out, static_cast<std::uint32_t>(deflated.size()));
  return base::to_base64(out + deflated);
}

base::Result<Histogram> Histogram::decode(std::string_view text) {
  const auto bytes = base::from_base64(text);
  if (!bytes) return refuse("it is not base64");
  if (bytes->size() < kCompressedHeaderBytes) return refuse("it is too short");
  if (read_big_endian<std::uint32_t>(*bytes) != kCompressedCookie) {
    return refuse("it does not begin with the mark of V2, compressed");
  }
  const auto whole = inflate_all(std::string_view(*bytes).substr(kCompressedHeaderBytes));
  if (!whole) return refuse("it cannot be inflated, or is too large");
  std::string_view rest = *whole;
  if (rest.size() < kHeaderBytes || read_big_endian<std::uint32_t>(rest) != kEncodingCookie ||
      read_big_endian<std::uint32_t>(rest.substr(4)) != rest.size() - kHeaderBytes) {
    return refuse("its inner header is wrong");
  }
  if (read_big_endian<std::uint32_t>(rest.substr(8)) != 0 ||
      read_big_endian<std::uint32_t>(rest.substr(12)) != kSignificantDigits ||
      read_big_endian<std::uint64_t>(rest.substr(16)) != kLowest) {
    return refuse("its unit or precision differs");
  }
  rest.remove_prefix(kHeaderBytes);
  Histogram histogram;
  std::uint64_t slot = 0;
  while (!rest.empty()) {
    const auto item = take_varint(rest);
    if (!item) return refuse("a count is cut off");
    // Zeros come as a negative run; 0 - x, as the least integer has no positive twin.
    const std::uint64_t span = *item < 0 ? 0 - static_cast<std::uint64_t>(*item) : 1;
    if (span > kSlots - slot) return refuse("it holds values above one hour");
    if (*item > 0) {
      histogram.counts_[slot] = static_cast<std::uint64_t>(*item);
      histogram.total_ += static_cast<std::uint64_t>(*item);
    }
    slot += span;
  }
  return histogram;
}

}  // namespace poolbench::stats
