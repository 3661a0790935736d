// Any bytes, in any pieces, must never be taken for a good answer that they are not.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "generator/response.h"

namespace {

using poolbench::generator::BodyCheck;
using poolbench::generator::Expectation;
using poolbench::generator::ResponseParser;
using State = ResponseParser::State;

struct Parsed {
  State state = State::kIncomplete;
  int status = 0;
  bool keeps_alive = false;
  std::uint64_t body_bytes = 0;
  friend bool operator==(const Parsed&, const Parsed&) = default;
};

// Feeds pieces of this size until the parser has decided; the last piece then takes all the rest,
// as a read would that finds everything there.
Parsed parse(std::string_view bytes, std::size_t piece, bool to_head, bool end_follows) {
  static const Expectation kAnything;
  BodyCheck check;
  check.begin(kAnything, "needle");
  poolbench::generator::HeaderCheck headers;
  ResponseParser parser(check, headers);
  parser.begin(to_head);
  Parsed parsed;
  while (parsed.state == State::kIncomplete && !bytes.empty()) {
    parsed.state = parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    if (parsed.state == State::kComplete && !bytes.empty()) parsed.state = State::kMalformed;
  }
  if (parsed.state == State::kIncomplete && end_follows) parsed.state = parser.finish();
  if (parsed.state != State::kComplete) return {parsed.state, 0, false, 0};
  return {parsed.state, parser.status(), parser.keeps_alive(), check.length()};
}

// A parser that has just seen this very answer must judge these bytes as a new one does: it takes a
// shortcut when a head repeats.
Parsed parse_after(std::string_view before, std::string_view bytes, bool to_head) {
  static const Expectation kAnything;
  BodyCheck check;
  poolbench::generator::HeaderCheck headers;
  ResponseParser parser(check, headers);
  check.begin(kAnything, {});
  parser.begin(to_head);
  parser.feed(before);
  check.begin(kAnything, {});
  parser.begin(to_head);
  const State state = parser.feed(bytes);
  if (state != State::kComplete) return {state, 0, false, 0};
  return {state, parser.status(), parser.keeps_alive(), check.length()};
}

void require(bool condition) {
  if (!condition) std::abort();
}

bool has_bare_line_end(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\n' && (i == 0 || head[i - 1] != '\r')) return true;
    if (head[i] == '\r' && (i + 1 == head.size() || head[i + 1] != '\n')) return true;
  }
  return false;
}

// The Content-Length of a head in plain form that has just one, and no other framing.
std::optional<std::uint64_t> length_told_by(std::string head) {
  if (has_bare_line_end(head)) return std::nullopt;
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view kName = "\r\ncontent-length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string::npos || head.find("transfer-encoding") != std::string::npos) {
    return std::nullopt;
  }
  const char* const digits = head.data() + at + kName.size();
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits, head.data() + head.size(), length);
  return error == std::errc{} && *end == '\r' ? std::optional(length) : std::nullopt;
}

// An answer that tells its length is complete with its last byte, not before and not after: read
// anew, by other means than the parser's.
void check_length(const Parsed& parsed, std::string_view bytes) {
  std::size_t end = bytes.find("\r\n\r\n");
  while (end != std::string_view::npos && bytes.starts_with("HTTP/1.1 1") && parsed.status != 101) {
    if (has_bare_line_end(bytes.substr(0, end + 2))) return;
    bytes.remove_prefix(end + 4);
    end = bytes.find("\r\n\r\n");
  }
  if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.1 ")) return;
  const auto length = length_told_by(std::string(bytes.substr(0, end + 2)));
  if (!length) return;
  require(parsed.body_bytes == *length);
  require(bytes.size() == end + 4 + *length);
}

// What holds for every complete answer, by the bytes alone.
void check_complete(const Parsed& parsed, std::string_view bytes, bool to_head) {
  require(parsed.status >= 200 || parsed.status == 101);
  require(parsed.status <= 999);
  require(bytes.find(std::to_string(parsed.status)) != std::string_view::npos);
  require(bytes.find("HTTP/") != std::string_view::npos);
  require(parsed.body_bytes < bytes.size());
  const bool bodiless = to_head || parsed.status == 204 || parsed.status == 304;
  if (bodiless) require(parsed.body_bytes == 0);
  if (!bodiless && parsed.status != 101) check_length(parsed, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool to_head = (data[0] & 1) != 0;
  const std::size_t piece = data[1] + 1U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (const bool end_follows : {false, true}) {
    const Parsed whole = parse(bytes, bytes.size() + 1, to_head, end_follows);
    // However the bytes are split, the verdict is the same.
    require(parse(bytes, 1, to_head, end_follows) == whole);
    require(parse(bytes, piece, to_head, end_follows) == whole);
    if (whole.state != State::kComplete) continue;
    check_complete(whole, bytes, to_head);
    // An answer that ends by itself is not complete without its last byte.
    if (!end_follows) {
      const auto shorter = bytes.substr(0, bytes.size() - 1);
      require(parse(shorter, shorter.size() + 1, to_head, false).state != State::kComplete);
      require(parse_after(bytes, shorter, to_head).state != State::kComplete);
      require(parse_after(bytes, bytes, to_head) == whole);
      require(parse_after(bytes, std::string(bytes) + "x", to_head).state != State::kComplete);
      require(parse_after(bytes, bytes, !to_head) == parse(bytes, bytes.size(), !to_head, false));
    }
  }
  return 0;
}
