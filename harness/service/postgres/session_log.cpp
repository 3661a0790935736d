#include "service/postgres/session_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <initializer_list>
#include <utility>

#include "base/file.h"
#include "base/raii.h"
#include "process/interrupt.h"

namespace poolbench::service {
namespace {

constexpr std::string_view kReceived = "connection received: ";
constexpr std::string_view kAuthorized = "connection authorized: ";
constexpr std::string_view kAuthenticated = "connection authenticated: ";
constexpr std::string_view kReady = "connection ready: setup total=";
constexpr std::string_view kDisconnection = "disconnection: session time: ";
constexpr std::string_view kLog = "LOG:  ", kFatal = "FATAL:  ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes `text` off the front, if it is there.
bool skip(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

/// With log_error_verbosity = verbose the SQLSTATE stands before the words: "00000: ".
void skip_sqlstate(std::string_view& words) {
  constexpr std::size_t kLength = 5;
  const bool has_one = words.size() > kLength + 2 && words.substr(kLength, 2) == ": " &&
                       std::ranges::all_of(words.substr(0, kLength), [](char c) {
                         return is_digit(c) || (c >= 'A' && c <= 'Z');
                       });
  if (has_one) words.remove_prefix(kLength + 2);
}

/// "… database=NAME application_name=…"; names of trial databases hold no blank.
bool names_database(std::string_view words, std::string_view database) {
  constexpr std::string_view kKey = " database=";
  const std::size_t at = words.find(kKey);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = words.substr(at + kKey.size());
  return rest.starts_with(database) &&
         (rest.size() == database.size() || rest[database.size()] == ' ');
}

bool is_refusal(std::string_view words) {
  return words.starts_with("sorry, too many clients already") ||
         words.starts_with("remaining connection slots are reserved") ||
         words.starts_with("too many connections for ");
}

bool holds_word(std::string_view list, std::initializer_list<std::string_view> words) {
  while (!list.empty()) {
    std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (std::ranges::find(words, word) != words.end()) return true;
  }
  return false;
}

/// Up to PostgreSQL 17 on or off; since 18 a list, in which "on" stands for all that counts here.
bool logs_connections(std::string_view value) {
  if (holds_word(value, {"on", "true", "yes", "1", "all"})) return true;
  return holds_word(value, {"receipt"}) && holds_word(value, {"authorization"});
}

/// "3.507 ms, fork=…".
std::optional<double> setup_us(std::string_view words) {
  constexpr double kPerMillisecond = 1000;
  double milliseconds = 0;
  const char* const begin = words.begin();
  const char* const end = words.end();
  const auto [after, problem] = std::from_chars(begin, end, milliseconds);
  const bool is_told = problem == std::errc() && std::string_view(after, end).starts_with(" ms");
  return is_told ? std::optional(milliseconds * kPerMillisecond) : std::nullopt;
}

bool is_about_a_session(const LogLinePrefix& prefix, std::string_view line) {
  const auto read = prefix.read(line);
  if (!read) return false;
  std::string_view words = read->message;
  if (!skip(words, kLog)) return false;
  skip_sqlstate(words);
  return std::ranges::any_of(
      std::array{kReceived, kAuthenticated, kAuthorized, kReady, kDisconnection},
      [&](std::string_view beginning) { return words.starts_with(beginning); });
}

constexpr std::uintmax_t kTrimAfterBytes = std::uintmax_t{64} << 20U;
/// A backend notices within milliseconds that its client is gone; on a busy machine somewhat later.
constexpr std::chrono::milliseconds kFirstPause{5}, kLongestPause{700};

/// Other users' processes cannot be asked, but they can be seen.
bool is_running(pid_t pid) {
  struct stat ignored{};
  return ::stat(fmt::format("/proc/{}", pid).c_str(), &ignored) == 0;
}

}  // namespace

std::optional<LogLinePrefix> LogLinePrefix::parse(std::string_view setting) {
  LogLinePrefix prefix;
  const auto literal = [&](char c) {
    if (prefix.pieces_.empty() || prefix.pieces_.back().field != 0) prefix.pieces_.emplace_back();
    prefix.pieces_.back().text += c;
  };
  for (std::size_t i = 0; i < setting.size(); ++i) {
    if (setting[i] != '%') {
      literal(setting[i]);
      continue;
    }
    ++i;
    while (i < setting.size() && is_digit(setting[i])) ++i;  // padding
    if (i == setting.size() || setting[i] == '-') return std::nullopt;
    if (setting[i] == '%') literal('%');
    if (setting[i] != '%' && setting[i] != 'q') prefix.pieces_.push_back({setting[i], {}});
  }
  const auto& pieces = prefix.pieces_;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool bounded = pieces[i].field == 0 || pieces[i].field == 'p' ||
                         (i + 1 < pieces.size() && pieces[i + 1].field == 0);
    if (!bounded) return std::nullopt;
  }
  const bool has_pid = std::ranges::any_of(pieces, [](const Piece& p) { return p.field == 'p'; });
  return has_pid ? std::optional(std::move(prefix)) : std::nullopt;
}

std::optional<LogLinePrefix::Line> LogLinePrefix::read(std::string_view line) const {
  Line result;
  std::string_view rest = line;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if (piece.field == 0) {
      if (!skip(rest, piece.text)) return std::nullopt;
    } else if (piece.field == 'p') {
      while (rest.starts_with(' ')) rest.remove_prefix(1);  // padding
      const auto [end, problem] =
          std::from_chars(rest.data(), rest.data() + rest.size(), result.pid);
      if (problem != std::errc()) return std::nullopt;
      rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    } else {
      const std::size_t end = rest.find(pieces_[i + 1].text);
      if (end == std::string_view::npos) return std::nullopt;
      if (piece.field == 'd') result.database = rest.substr(0, end);
      rest.remove_prefix(end);
    }
  }
  result.message = rest;
  return result;
}

const std::vector<std::string>& session_log_settings() {
  static const std::vector<std::string> names{
      "log_connections", "log_disconnections", "log_destination", "logging_collector",
      "log_line_prefix", "log_min_messages",   "lc_messages"};
  return names;
}

std::string why_log_hides_sessions(const std::map<std::string, std::string>& settings) {
  const auto value = [&](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  const auto because = [&](const char* name) {
    return fmt::format("{} is \"{}\"", name, value(name));
  };
  if (!logs_connections(value("log_connections"))) return because("log_connections");
  if (value("log_disconnections") != "on") return because("log_disconnections");
  if (!holds_word(value("log_destination"), {"stderr"})) return because("log_destination");
  if (value("logging_collector") != "off") return because("logging_collector");
  const std::string least = value("log_min_messages");
  if (least == "fatal" || least == "panic") return because("log_min_messages");
  const std::string language = value("lc_messages");
  if (!language.empty() && language != "C" && language != "POSIX" && !language.starts_with("C.") &&
      !language.starts_with("en")) {
    return because("lc_messages");
  }
  if (!LogLinePrefix::parse(value("log_line_prefix"))) return because("log_line_prefix");
  return {};
}

void SessionLog::add(std::string_view line) {
  const auto read = prefix_.read(line);
  if (!read || read->pid == ignored_) return;
  std::string_view words = read->message;
  const bool is_log = skip(words, kLog);
  if (!is_log && !skip(words, kFatal)) return;
  skip_sqlstate(words);
  if (is_log && words.starts_with(kReceived)) return begin(read->pid);
  const auto latest = latest_.find(read->pid);
  if (latest == latest_.end()) return;
  Session& session = sessions_[latest->second];
  if (!is_log) {
    const bool is_elsewhere = !read->database.empty() && read->database != database_;
    session.is_ours = session.is_ours || read->database == database_;
    session.has_failed = true;
    if (is_refusal(words)) refuse(session, words, is_elsewhere);
    end(session, latest->second);
  } else if (words.starts_with(kAuthorized)) {
    session.is_authorized = true;
    session.is_ours = names_database(words, database_);
  } else if (skip(words, kReady)) {
    session.setup_us = setup_us(words);
  } else if (words.starts_with(kDisconnection)) {
    session.has_failed = session.is_refused = false;  // it was let in before what was FATAL
    end(session, latest->second);  // the last such line counts: a session can write one itself
  }
}

void SessionLog::begin(pid_t pid) {
  if (const auto before = latest_.find(pid); before != latest_.end()) {
    const Session& session = sessions_[before->second];
    if (session.is_ours && !session.end) is_whole_ = false;
  }
  latest_[pid] = sessions_.size();
  Session& session = sessions_.emplace_back();
  session.pid = pid;
  session.begin = events_.size();
  events_.push_back({sessions_.size() - 1, 1});
}

void SessionLog::end(Session& session, std::size_t index) {
  if (session.end) events_[*session.end].change = 0;
  session.end = events_.size();
  events_.push_back({index, -1});
}

void SessionLog::refuse(Session& session, std::string_view words, bool is_elsewhere) {
  // One that names no database may well have been for this one.
  if (session.is_authorized ? !session.is_ours : is_elsewhere) return;
  session.is_ours = session.is_refused = true;
  if (refusal_.empty()) refusal_ = words;
}

SessionSums SessionLog::sums() const {
  SessionSums sums;
  sums.refusal = refusal_;
  sums.is_whole = is_whole_;
  std::int64_t now = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (i == load_begins_) sums.peak = now;
    if (sessions_[events_[i].session].is_ours) now += events_[i].change;
    if (i >= load_begins_) sums.peak = std::max(sums.peak, now);
  }
  if (load_begins_ == events_.size()) sums.peak = now;
  for (const Session& session : sessions_) {
    if (!session.is_ours) continue;
    sums.refused += session.is_refused ? 1 : 0;
    sums.established += session.is_authorized && !session.has_failed ? 1 : 0;
    if (session.setup_us && session.begin >= load_begins_) {
      ++sums.set_up;
      sums.setup_us += *session.setup_us;
    }
    if (!session.end) sums.open.push_back(session.pid);
  }
  return sums;
}

base::Result<SessionSums> read_sessions(const std::filesystem::path& log, LogLinePrefix prefix,
                                        const std::string& database, const LogStretch& stretch) {
  std::ifstream file(log, std::ios::binary);
  if (!file) return base::bad_input(fmt::format("cannot read {}", log.string()), log.string());
  file.seekg(static_cast<std::streamoff>(stretch.begin));
  SessionLog sessions(std::move(prefix), database, stretch.own_session);
  std::uintmax_t at = stretch.begin;
  bool under_load = false;
  std::string line;
  while (std::getline(file, line) && !file.eof()) {  // at its end stands a line that is not whole
    if (!under_load && at >= stretch.load_begin) {
      sessions.begin_load();
      under_load = true;
    }
    sessions.add(line);
    at += line.size() + 1;
  }
  if (!under_load) sessions.begin_load();
  return sessions.sums();
}

base::Result<void> drop_session_lines(const std::filesystem::path& log,
                                      const LogLinePrefix& prefix) {
  const auto text = base::read_file(log);
  if (!text) return tl::unexpected(text.error());
  std::string kept = "poolbench: lines about sessions were taken out up to here\n";
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!is_about_a_session(prefix, line)) kept.append(line) += '\n';
  }
  // The server appends, wherever the end is.
  const base::UniqueFd file(::open(log.c_str(), O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC));
  const auto size = static_cast<ssize_t>(kept.size());
  if (file && ::write(file.get(), kept.data(), kept.size()) == size) return {};
  return base::failed(fmt::format("cannot write {}", log.string()), log.string());
}

void ServerLog::learn(const std::map<std::string, std::string>& settings) {
  if (file_.empty()) return;
  why_unknown_ = why_log_hides_sessions(settings);
  prefix_.reset();
  if (const auto found = settings.find("log_line_prefix"); found != settings.end()) {
    prefix_ = LogLinePrefix::parse(found->second);
  }
}

std::uintmax_t ServerLog::size() const {
  std::error_code error;
  const auto size = file_.empty() ? 0 : std::filesystem::file_size(file_, error);
  return error ? 0 : size;
}

base::Result<SessionSums> ServerLog::sessions(const std::string& database,
                                              const LogStretch& stretch) const {
  if (!why_unknown_.empty()) return base::failed(why_unknown_);
  auto sums = read_sessions(file_, *prefix_, database, stretch);
  for (auto pause = kFirstPause; sums && !sums->open.empty() && pause < kLongestPause; pause *= 2) {
    process::pause({}, std::chrono::steady_clock::now() + pause);
    sums = read_sessions(file_, *prefix_, database, stretch);
  }
  if (!sums) return sums;
  const bool ends_are_there = std::ranges::all_of(sums->open, is_running);
  if (sums->is_whole && ends_are_there) return sums;
  return base::failed("PostgreSQL's log lacks lines (was its disk full?)", file_.string());
}

void ServerLog::trim() {
  if (!prefix_ || size() < size_when_trimmed_ + kTrimAfterBytes) return;
  // A log that cannot be made shorter is no reason to stop: the disk is not full yet.
  static_cast<void>(drop_session_lines(file_, *prefix_));
  size_when_trimmed_ = size();
}

}  // namespace poolbench::service
