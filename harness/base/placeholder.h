#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace poolbench::base {

/// A placeholder and the plain text before it.
struct Placeholder {
  std::string before;
  std::string word;
  std::string argument;    ///< empty: none
  std::size_t offset = 0;  ///< of its '{' in the whole text, in bytes
};

/// A text taken apart at its placeholders, by the one grammar that all texts share.
///
/// A placeholder is {word} or {word:argument}: the word a lower-case letter and then lower-case
/// letters, digits, '_' and '.', the argument at least one character, none of them white space, a
/// quote or a brace. {{word}} is the text {word}. What stands after '$' is the shell's and stays as
/// it is, and so do all other braces.
struct Template {
  explicit Template(std::string_view text);
  std::vector<Placeholder> placeholders;
  std::string tail;
};

/// Where a text stands: it decides which words are known.
enum class TextPlace : unsigned {
  kNone = 0,               ///< no word is known
  kServe = 1,              ///< [serve] command
  kEnvironment = 2,        ///< [serve] environment
  kParameter = 4,          ///< argument or flag of a parameter
  kPrepare = 8,            ///< [prepare] command
  kData = 16,              ///< [data] commands
  kVersions = 32,          ///< [versions] command
  kRequest = 64,           ///< a request and what its answer must contain
  kTemplate = 128,         ///< a file that is rendered for the target
  kDataEnvironment = 256,  ///< [data] environment
  kDataParameter = 512,    ///< argument or flag of a parameter of [data]
  // Of a service.toml:
  kServiceCommand = 1024,    ///< [serve] command
  kService = 2048,           ///< all else that it starts, sets or renders
  kServiceParameter = 4096,  ///< argument or flag of a parameter
};

/// Stands alone in a command of [serve] or [data] and is many words: the parameters' arguments.
inline constexpr const char* kArgumentsWord = "arguments";
/// Where the target listens: an address and a port, or the path of a unix socket.
inline constexpr const char* kHostWord = "host";
inline constexpr const char* kPortWord = "port";
inline constexpr const char* kSocketWord = "socket";
/// Files of a target that speaks TLS: its certificate with those that vouch for it, and its key.
inline constexpr const char* kTlsCertWord = "tls_cert";
inline constexpr const char* kTlsKeyWord = "tls_key";
/// In a service: the certificate of the authority that vouches for these.
inline constexpr const char* kTlsAuthorityWord = "tls_authority";
/// Begins the words of a service for the next one on the way to PostgreSQL: "upstream.host".
inline constexpr const char* kUpstreamWords = "upstream.";
/// In the argument of a parameter: the parameter's value.
inline constexpr const char* kValueWord = "value";

/// Words beside those that a place knows, such as the values that a log-in keeps, or the parameters
/// of a target.
using OtherWords = std::vector<std::string>;

/// The words that a text at this place may hold, in alphabetical order.
std::vector<std::string> known_words(TextPlace place);

/// Why this placeholder may not stand there (message and next); nothing if it may. Of what the
/// place knows, the words that nothing fills are not offered instead.
std::optional<Error> refuse(const Placeholder& placeholder, TextPlace place,
                            const OtherWords& others = {}, const OtherWords& unfilled = {});

/// The first placeholder of the text that may not stand there; nothing if all may.
std::optional<Error> refuse(std::string_view text, TextPlace place, const OtherWords& others = {});

/// The whole numbers from `least` to `most`, both included.
struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

/// What the argument "1..3000" of {seq} and {random} says; nothing if it is none, or backwards.
std::optional<NumberRange> parse_number_range(std::string_view text);

/// Whether {word} is a placeholder by the grammar, whoever knows it.
bool is_word(std::string_view word);

/// True if the text holds the placeholder {word}.
bool holds_word(std::string_view text, std::string_view word);

/// In a request: a line of the file that its argument names.
inline constexpr const char* kPickWord = "pick";

/// What placeholders stand for, by word.
using WordValues = std::map<std::string, std::string, std::less<>>;

/// The text as a text whose placeholders are plain: Template(escaped(text)) is `text` again.
std::string escaped(std::string_view text);

/// The text, as a template still, with those placeholders filled that have a value.
std::string fill_known(std::string_view text, const WordValues& values);

/// The text with its placeholders filled. Fails on one that has no value.
Result<std::string> fill(std::string_view text, const WordValues& values);

}  // namespace poolbench::base
