#include "scenario/target/target_serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "base/file.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""s;

constexpr std::array<std::pair<std::string_view, int>, 7> kSignals{{{"TERM", SIGTERM},
                                                                    {"INT", SIGINT},
                                                                    {"QUIT", SIGQUIT},
                                                                    {"HUP", SIGHUP},
                                                                    {"USR1", SIGUSR1},
                                                                    {"USR2", SIGUSR2},
                                                                    {"KILL", SIGKILL}}};

int read_signal(TableReader& reader) {
  std::vector<std::string> names;
  for (const auto& [name, number] : kSignals) names.emplace_back(name);
  const std::string chosen = reader.choice("stop_signal", names).value_or("TERM");
  return std::ranges::find(kSignals, chosen, &std::pair<std::string_view, int>::first)->second;
}

/// All texts of the file that may say where to listen.
void check_listening_words(TableReader& top, TableReader& reader, const TargetSpec::Serve& serve) {
  const std::vector<UnfilledWord> words = unfilled_words(serve);
  for (const char* const key : {"command", "environment"}) {
    if (const Setting* text = reader.any(key)) {
      refuse_words(*text, reader.path(key), words, top.mistakes());
    }
  }
  const Setting* params = top.any("params");
  if (params == nullptr) return;
  for (const Setting::Member& param : params->members) {
    for (const char* const key : {"argument", "flag"}) {
      const Setting* text = param.value.find(key);
      if (text == nullptr) continue;
      refuse_words(*text, path_below(path_below("params", param.key), key), words, top.mistakes());
    }
  }
}

void read_listening(TableReader& reader, TargetSpec::Serve& serve) {
  serve.unix_socket = reader.choice("listen", {"tcp", "unix"}) == "unix";
  serve.tls = reader.choice("scheme", {"http", "https"}) == "https";
  if (serve.unix_socket && serve.tls) {
    reader.refuse("scheme", "= \"https\" does not go together with serve.listen = \"unix\"",
                  "leave one of them out: clients speak plain HTTP over a unix socket");
  }
}

/// The address of a server that runs already.
base::HttpServer read_url(TableReader& reader, const std::filesystem::path& folder) {
  base::HttpServer server;
  const std::string text = plain_text(reader, "url").value_or("");
  if (!reader.any("url")->is_string()) return server;
  const auto url = base::parse_url(text);
  if (!url) {
    reader.refuse("url", "cannot be used: " + url.error().message, url.error().next);
    return server;
  }
  server.endpoint = url->endpoint;
  server.tls = url->tls;
  if (url->target != "/") {
    reader.refuse("url", fmt::format("has a path: {}", in_quotes(url->target)),
                  "leave it out: the paths of endpoints say what is asked for");
  }
  const auto file = plain_text(reader, "tls_ca");
  if (!file) return server;
  server.ca_file = (folder / *file).lexically_normal().string();
  if (!server.tls) {
    reader.refuse("tls_ca", "has no effect with an http URL", "leave it out, or write https://");
  } else if (const auto read = base::read_file(server.ca_file); !read) {
    reader.refuse("tls_ca", fmt::format("names no file that can be read: {}", server.ca_file),
                  "name a PEM file of the certificates to trust, beside target.toml");
  }
  return server;
}

/// Whatever would start something, or speaks of what was started.
void refuse_starting(TableReader& top, TableReader& reader) {
  constexpr const char* kWhy = "has no effect with serve.url: the server runs already";
  constexpr const char* kNext = "leave one of them out; with serve.url nothing is started";
  for (const char* const key :
       {"command", "folder", "environment", "stop_signal", "stop_grace", "listen", "scheme"}) {
    if (reader.any(key) != nullptr) reader.refuse(key, kWhy, kNext);
  }
  for (const char* const key :
       {"inherit", "params", "rule", "file", "prepare", "data", "versions"}) {
    if (top.any(key) != nullptr) top.refuse(key, kWhy, kNext);
  }
  const Setting* ready = top.any("ready");
  if (ready == nullptr) return;
  for (const Setting::Member& member : ready->members) {
    if (!member.key.starts_with("worker_")) continue;
    top.mistakes().add(member.value.place, fmt::format("ready.{} {}", member.key, kWhy), kNext);
  }
}

}  // namespace

std::vector<UnfilledWord> unfilled_words(const TargetSpec::Serve& serve) {
  std::vector<UnfilledWord> words;
  if (serve.unix_socket) {
    const char* const next = "write {socket}, the path of the socket; or leave serve.listen out";
    words = {{base::kHostWord, "stands for nothing with serve.listen = \"unix\"", next},
             {base::kPortWord, "stands for nothing with serve.listen = \"unix\"", next}};
  } else {
    words = {{base::kSocketWord, "stands for nothing without serve.listen = \"unix\"",
              "set serve.listen = \"unix\", or write {host} and {port}"}};
  }
  if (!serve.tls) {
    const char* const next = "set serve.scheme = \"https\", or leave it out";
    for (const char* const word : {base::kTlsCertWord, base::kTlsKeyWord}) {
      words.push_back({word, "stands for nothing without serve.scheme = \"https\"", next});
    }
  }
  return words;
}

std::vector<std::string> required_command(TableReader& reader, base::TextPlace place,
                                          const base::OtherWords& words) {
  std::vector<std::string> command = reader.texts("command");
  check_placeholders(reader, "command", place, words);
  if (const Setting* written = reader.any("command")) {
    check_arguments_word(*written, reader.path("command"), reader.mistakes());
  }
  if (!reader.has("command")) {
    reader.refuse_missing("command", "a list: the program and its arguments");
  } else if (command.empty() || command.front().empty()) {
    reader.refuse("command", "must be a list of strings: the program and its arguments");
  }
  return command;
}

TargetSpec::Serve read_serve(TableReader& top, const std::filesystem::path& folder,
                             const base::OtherWords& words) {
  const Setting* table = top.any("serve");
  TableReader reader(table, top.path("serve"), top.place("serve"), top.mistakes());
  TargetSpec::Serve serve;
  if (reader.has("url")) {
    serve.running = read_url(reader, folder);
    refuse_starting(top, reader);
    reader.refuse_unknown();
    return serve;
  }
  if (reader.any("tls_ca") != nullptr) {
    reader.refuse("tls_ca", "has no effect without serve.url",
                  "leave it out: with serve.scheme = \"https\" poolbench makes a certificate");
  }
  serve.command = required_command(reader, base::TextPlace::kServe, words);
  serve.folder = (folder / plain_text(reader, "folder").value_or("")).lexically_normal();
  serve.environment = reader.text_by_name("environment");
  check_placeholders(reader, "environment", base::TextPlace::kEnvironment, words);
  for (const auto& [name, value] : serve.environment) {
    if (!is_variable(name)) reader.refuse("environment", not_a_variable(name));
  }
  read_listening(reader, serve);
  check_listening_words(top, reader, serve);
  serve.stop_signal = read_signal(reader);
  serve.stop_grace = reader.duration("stop_grace").value_or(5s);
  reader.refuse_unknown();
  return serve;
}

}  // namespace poolbench::scenario
