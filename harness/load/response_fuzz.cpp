// Any bytes, in any pieces, must never be taken for a good answer that they are not.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "load/response_parser.h"

namespace {

using poolbench::load::BodyCheck;
using poolbench::load::Expectation;
using poolbench::load::ResponseParser;
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
  ResponseParser parser(check);
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
  ResponseParser parser(check);
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

// What holds for every complete answer, by the bytes alone.
void check_complete(const Parsed& parsed, std::string_view bytes, bool to_head) {
  require(parsed.status >= 200 || parsed.status == 101);
  require(parsed.status <= 999);
  require(bytes.find(std::to_string(parsed.status)) != std::string_view::npos);
  require(bytes.find("HTTP/") != std::string_view::npos);
  require(parsed.body_bytes < bytes.size());
  const bool bodiless = to_head || parsed.status == 204 || parsed.status == 304;
  if (bodiless) require(parsed.body_bytes == 0);
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
