#include "service/postgres/access.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <random>

namespace poolbench::service {
namespace {

/// In these files a name in quotes is no keyword.
std::string in_double_quotes(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string access_rules(const scenario::PostgresSettings& settings) {
  using scenario::PostgresSettings;
  const bool scram = settings.auth == PostgresSettings::Auth::kScram;
  const char* const method = scram ? "scram-sha-256" : "trust";
  std::string rules = fmt::format("local all {} peer map=poolbench\n", kSuperuser);
  if (!settings.tls) rules += fmt::format("local all all {}\n", method);
  rules += fmt::format("{} all all 127.0.0.1/32 {}\n", settings.tls ? "hostssl" : "host", method);
  return rules;
}

std::string user_map(const std::string& user) {
  return fmt::format("poolbench {} {}\n", in_double_quotes(user), kSuperuser);
}

base::Result<std::string> own_user() {
  const passwd* entry = ::getpwuid(::geteuid());
  if (entry != nullptr) return std::string(entry->pw_name);
  return base::failed(
      fmt::format("the user {} has no name, without which PostgreSQL does not run", ::geteuid()),
      {}, "add it to /etc/passwd, or run poolbench as a user that is there");
}

std::string random_password() {
  std::random_device device;
  std::string password;
  for (int i = 0; i < 4; ++i) password += fmt::format("{:08x}", device());
  return password;
}

}  // namespace poolbench::service
