#include "generator/request.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>

namespace poolbench::generator {
namespace {

constexpr int kNonceDigits = 16;

void append_hex(std::uint64_t value, std::string& out) {
  for (int digit = kNonceDigits - 1; digit >= 0; --digit) {
    out += "0123456789abcdef"[(value >> (4 * digit)) & 0xf];
  }
}

void append_decimal(std::uint64_t value, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

std::uint64_t salt_of(const base::Placeholder& placeholder) {
  std::uint64_t salt = 0;
  for (const std::string* text : {&placeholder.word, &placeholder.argument}) {
    for (const char c : *text) salt = scramble(salt + static_cast<unsigned char>(c));
  }
  return salt;
}

// A number below `count` (0: any) from a random one: the upper half of their product (Lemire 2019);
// its bias is below count ÷ 2⁶⁴.
std::uint64_t below(std::uint64_t count, std::uint64_t random) {
  if (count == 0) return random;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(random) * count) >> 64);
}

}  // namespace

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014); each step can be undone.
std::uint64_t scramble(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

TextTemplate::TextTemplate(std::string_view text, const TextChoices& choices) {
  base::Template parts(text);
  for (const base::Placeholder& placeholder : parts.placeholders) {
    pieces_.push_back(piece_of(placeholder, choices));
  }
  tail_ = std::move(parts.tail);
}

TextTemplate TextTemplate::plain(std::string_view text) {
  TextTemplate fixed;
  fixed.tail_ = text;
  return fixed;
}

TextTemplate::Piece TextTemplate::piece_of(const base::Placeholder& placeholder,
                                           const TextChoices& choices) {
  Piece piece{.before = placeholder.before, .salt = salt_of(placeholder)};
  if (const auto range = base::parse_number_range(placeholder.argument)) {
    piece.least = range->least;
    piece.count = range->most - range->least + 1;
  }
  if (placeholder.word == "nonce") {
    piece.kind = Kind::kNonce;
  } else if (placeholder.word == "seq") {
    piece.kind = placeholder.argument.empty() ? Kind::kSeq : Kind::kSeqInRange;
  } else if (placeholder.word == "random") {
    piece.kind = Kind::kRandom;
  } else if (placeholder.word == base::kPickWord) {
    piece.kind = Kind::kPick;
    for (const LineFile& file : choices.line_files) {
      if (file.name == placeholder.argument) piece.texts = file.lines;
    }
  } else {
    piece.kind = Kind::kClient;
    for (const ClientValue& value : choices.client_values) {
      if (value.word == placeholder.word) piece.texts = value.values;
    }
  }
  return piece;
}

void TextTemplate::render(const Slots& slots, std::string& out) const {
  for (const Piece& piece : pieces_) {
    out += piece.before;
    switch (piece.kind) {
      case Kind::kSeq:
        append_decimal(slots.seq, out);
        break;
      case Kind::kSeqInRange:
        append_decimal(piece.least + (piece.count == 0 ? slots.seq : slots.seq % piece.count), out);
        break;
      case Kind::kNonce:
        append_hex(slots.nonce, out);
        break;
      case Kind::kRandom:
        append_decimal(piece.least + below(piece.count, scramble(slots.draw + piece.salt)), out);
        break;
      case Kind::kPick:
        if (!piece.texts.empty()) {
          out += piece.texts[below(piece.texts.size(), scramble(slots.draw + piece.salt))];
        }
        break;
      case Kind::kClient:
        if (!piece.texts.empty()) out += piece.texts[slots.client % piece.texts.size()];
        break;
    }
  }
  out += tail_;
}

namespace {

bool has_header(const RequestSpec& spec, const char* name) {
  return std::any_of(spec.headers.begin(), spec.headers.end(), [&](const auto& header) {
    return ::strcasecmp(header.first.c_str(), name) == 0;
  });
}

// The header Connection is a list of words, and may stand there several times.
bool asks_to_close(const RequestSpec& spec) {
  for (const auto& [name, value] : spec.headers) {
    if (::strcasecmp(name.c_str(), "Connection") != 0) continue;
    std::istringstream words(value);
    for (std::string word; std::getline(words, word, ',');) {
      const std::size_t start = word.find_first_not_of(" \t");
      if (start == std::string::npos) continue;
      const std::size_t end = word.find_last_not_of(" \t") + 1;
      if (::strcasecmp(word.substr(start, end - start).c_str(), "close") == 0) return true;
    }
  }
  return false;
}

bool may_be_sent_twice(std::string_view method) {
  constexpr std::array<std::string_view, 6> kIdempotent{"GET",   "HEAD", "OPTIONS",
                                                        "TRACE", "PUT",  "DELETE"};
  return std::ranges::find(kIdempotent, method) != kIdempotent.end();
}

std::string head_text(const RequestSpec& spec, std::string_view host) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", spec.method, spec.target);
  if (!has_header(spec, "Host")) text += fmt::format("Host: {}\r\n", host);
  if (!has_header(spec, "User-Agent")) text += "User-Agent: poolbench\r\n";
  if (!has_header(spec, "Accept")) text += "Accept: */*\r\n";
  for (const auto& [name, value] : spec.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text;
}

// A method that usually carries a body says so even when it is empty (RFC 9110, 8.6).
bool wants_length(const RequestSpec& spec) {
  if (has_header(spec, "Content-Length") || has_header(spec, "Transfer-Encoding")) return false;
  return !spec.body.empty() || spec.method == "POST" || spec.method == "PUT" ||
         spec.method == "PATCH";
}

}  // namespace

Request::Request(const RequestSpec& spec, std::string_view host, const TextChoices& choices)
    : method_(spec.method),
      is_idempotent_(may_be_sent_twice(spec.method)),
      closes_(asks_to_close(spec)),
      is_head_(spec.method == "HEAD"),
      sends_length_(wants_length(spec)),
      target_(spec.target, choices),
      head_(head_text(spec, host), choices),
      body_(spec.body_is_plain ? TextTemplate::plain(spec.body) : TextTemplate(spec.body, choices)),
      expect_(spec.expect),
      contains_(spec.expect.contains.value_or(""), choices) {
  for (const auto& [name, value] : spec.expect.headers) header_values_.emplace_back(value, choices);
  if (!head_.is_fixed() || !body_.is_fixed()) return;
  render({}, false, fixed_);
  render({}, true, fixed_closing_);
}

std::string_view Request::text(const Slots& slots, bool closing, std::string& buffer) const {
  if (!fixed_.empty()) return closing ? fixed_closing_ : fixed_;
  buffer.clear();
  render(slots, closing, buffer);
  return buffer;
}

std::string Request::line(const Slots& slots) const {
  std::string text = method_ + " ";
  target_.render(slots, text);
  return text;
}

void Request::render(const Slots& slots, bool closing, std::string& out) const {
  head_.render(slots, out);
  if (closing && !closes_) out += "Connection: close\r\n";
  if (!sends_length_) {
    out += "\r\n";
    body_.render(slots, out);
    return;
  }
  std::string body;
  body_.render(slots, body);
  out += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  out += body;
}

RequestMix::RequestMix(const Options& options, std::uint64_t seed, std::uint64_t nonce_seed)
    : seed_(seed), nonce_seed_(nonce_seed) {
  const TextChoices choices{options.client_values, options.line_files};
  double total = 0;
  for (const RequestSpec& spec : options.requests) total += spec.weight;
  double sum = 0;
  for (const RequestSpec& spec : options.requests) {
    requests_.emplace_back(
        spec, base::host_header({.endpoint = options.server, .tls = options.tls}), choices);
    sum += spec.weight;
    shares_.push_back(sum / total);
  }
}

std::size_t RequestMix::pick(std::uint64_t seq) const {
  if (requests_.size() == 1) return 0;
  constexpr double kTwoTo53 = 9007199254740992.0;
  const double draw = static_cast<double>(scramble(~seed_ + seq) >> 11) / kTwoTo53;
  const auto found = std::upper_bound(shares_.begin(), shares_.end() - 1, draw);
  return static_cast<std::size_t>(found - shares_.begin());
}

Slots RequestMix::slots(std::uint64_t seq, std::uint64_t client) const {
  return {seq, scramble(nonce_seed_ + seq), scramble(scramble(seed_) + seq), client};
}

}  // namespace poolbench::generator
