#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "init/kinds.h"

namespace poolbench::init {
namespace fs = std::filesystem;
namespace {

Parameter workers_of(const std::string& server) {
  return {"workers", server + " worker processes", 2, {1, 2, 4}, {"--workers", "{value}"}, {}};
}

/// Where the server and python come from: a virtual environment beside the application, one that
/// is made from its requirements, or PATH. Returns the prefix of their names.
std::string add_programs(Application& application, const Sources& sources,
                         const std::string& server) {
  for (const char* folder : {".venv", "venv", "env"}) {
    if (sources.has(fs::path(folder) / "bin" / server)) return std::string(folder) + "/bin/";
  }
  for (const char* name : {"requirements.txt", "requirements.lock", "pyproject.toml"}) {
    if (!sources.has(name)) continue;
    const bool is_list = std::string_view(name).starts_with("requirements");
    const bool has_server = sources.text_of(name).find(server) != std::string::npos;
    application.seen.emplace_back(name);
    application.prepare_inputs = {name};
    application.prepare_command = {
        "sh", "-c",
        fmt::format("python3 -m venv {{prepared}} && {{prepared}}/bin/pip install --quiet {}{}{}",
                    is_list ? "-r " : "", is_list ? name : ".", has_server ? "" : " " + server)};
    return "{prepared}/bin/";
  }
  return {};
}

/// "shop/web/app.py" as Python imports it: "shop.web.app"; a package by the name of its folder.
std::string module_of(const fs::path& file) {
  const bool is_package = file.filename() == "__init__.py" && file.has_parent_path();
  std::string name =
      (is_package ? file.parent_path() : fs::path(file).replace_extension()).generic_string();
  std::ranges::replace(name, '/', '.');
  return name;
}

/// The folder in which Python must look for what a file imports from beside it; empty: the one
/// where it is started.
std::string import_folder(const Sources& sources, const fs::path& file) {
  const fs::path folder = file.parent_path();
  if (folder.empty() || sources.has(folder / "__init__.py")) return {};
  const std::string text = "\n" + sources.text_of(file);
  const bool imports_beside = std::ranges::any_of(sources.named(".py"), [&](const fs::path& each) {
    const std::string name = each.stem().string();
    return each.parent_path() == folder && each != file &&
           std::regex_search(text, std::regex("\n(from|import) " + name + "\\b"));
  });
  return imports_beside ? folder.generic_string() : std::string();
}

void serve_with_gunicorn(Application& application, const std::string& programs,
                         const std::string& callable) {
  application.command = {programs + "gunicorn", "--bind", "{host}:{port}", "{arguments}", callable};
  application.knows_port = true;
  application.parameters.push_back(workers_of("gunicorn"));
  application.parameters.push_back({"threads",
                                    "threads of each worker; more than 1 makes them gthread",
                                    1,
                                    {1, 4},
                                    {"--threads", "{value}"},
                                    {}});
}

/// A command with what the server's environment tells of the database: commands of [data] have only
/// libpq's variables.
std::vector<std::string> with_database(const Application& application,
                                       std::vector<std::string> command) {
  std::vector<std::string> words;
  for (const auto& [name, text] : application.environment) {
    const bool tells = text.find("{pg") != std::string::npos || text == "{database_url}";
    if (tells) words.push_back(fmt::format("{}={}", name, text));
  }
  if (words.empty()) return command;
  words.insert(words.begin(), "env");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

/// The folders of migrations that hold any.
std::vector<std::string> migrations(const Sources& sources) {
  std::vector<std::string> folders;
  for (const fs::path& file : sources.named(".py")) {
    const std::string folder = file.parent_path().generic_string();
    const bool is_migration =
        file.parent_path().filename() == "migrations" && file.filename() != "__init__.py";
    if (is_migration && std::ranges::find(folders, folder) == folders.end()) {
      folders.push_back(folder);
    }
  }
  return folders;
}

/// "shop.wsgi:application", from the settings or from where wsgi.py lies.
std::optional<std::string> wsgi_of_django(Application& application, const Sources& sources,
                                          const fs::path& project) {
  const std::regex setting(
      R"re(WSGI_APPLICATION\s*=\s*["']([A-Za-z0-9_.]+)\.([A-Za-z0-9_]+)["'])re");
  if (const auto found = sources.find(setting, ".py")) {
    application.seen.push_back(found->file.string());
    return found->groups[0] + ":" + found->groups[1];
  }
  const auto files = sources.named("wsgi.py");
  if (files.empty()) return std::nullopt;
  application.seen.push_back(files.front().string());
  return module_of(files.front().lexically_relative(project.empty() ? "." : project)) +
         ":application";
}

/// A page of urls.py: the root if it is there, else the first that is not the admin's.
std::string page_of_django(const Sources& sources) {
  std::string first = "/";
  for (const Found& found :
       sources.find_all(std::regex(R"re(\bpath\(\s*["']([A-Za-z0-9_/.-]*)["'])re"), "urls.py")) {
    const std::string path = "/" + found.groups.front();
    if (path == "/") return path;
    if (first == "/" && path != "/admin/") first = path;
  }
  return first;
}

/// Where the expression names something that a server can import: "module:name".
std::optional<std::string> callable(Application& application, const Sources& sources,
                                    const char* expression) {
  const auto found = sources.find(std::regex(expression), ".py");
  if (!found) return std::nullopt;
  application.seen.push_back(found->file.string());
  return module_of(found->file) + ":" + found->groups.front();
}

}  // namespace

std::optional<Application> as_django(const Sources& sources) {
  const auto files = sources.named("manage.py");
  if (files.empty()) return std::nullopt;
  Application application;
  application.kind = "Django";
  application.seen = {files.front().string()};
  const fs::path project = files.front().parent_path();
  application.serve_folder = project.string();
  const auto wsgi = wsgi_of_django(application, sources, project);
  const std::string programs = add_programs(application, sources, "gunicorn");
  if (wsgi) serve_with_gunicorn(application, programs, *wsgi);
  add_environment(application, sources);
  application.data_inputs = migrations(sources);
  const std::string python = programs + (programs.empty() ? "python3" : "python");
  application.data_commands = {
      with_database(application, {python, files.front().string(), "migrate", "--verbosity", "0"})};
  application.path = page_of_django(sources);
  return application;
}

std::optional<Application> as_fastapi(const Sources& sources) {
  Application application;
  application.kind = "FastAPI";
  const auto name =
      callable(application, sources, R"(^([A-Za-z_]\w*)\s*(?::\s*\w+\s*)?=\s*FastAPI\()");
  if (!name) return std::nullopt;
  const std::string folder = import_folder(sources, application.seen.back());
  const std::string programs = add_programs(application, sources, "uvicorn");
  application.command = {programs + "uvicorn", "--host", "{host}", "--port", "{port}"};
  if (folder.empty()) {
    application.command.push_back(*name);
  } else {
    const std::string below = name->substr(folder.size() + 1);
    application.command.insert(application.command.end(), {"--app-dir", folder, below});
  }
  application.command.emplace_back("{arguments}");
  application.knows_port = true;
  application.parameters = {workers_of("uvicorn")};
  add_environment(application, sources);
  add_routes(application, sources);
  return application;
}

std::optional<Application> as_wsgi(const Sources& sources) {
  struct Kind {
    const char *name, *expression, *suffix;
  };
  constexpr auto kServers = std::to_array<Kind>({
      {"Flask", R"(^([A-Za-z_]\w*)\s*=\s*Flask\()", ""},
      {"Flask", R"(^def (create_app)\()", "()"},
      {"Falcon", R"(^([A-Za-z_]\w*)\s*=\s*falcon\.(?:App|API)\()", ""},
      {"Bottle", R"(^([A-Za-z_]\w*)\s*=\s*(?:bottle\.)?Bottle\()", ""},
      {"WSGI", R"(^def (application|app)\(\s*environ\b)", ""},
      {"WSGI", R"(^(application)\s*=)", ""},
  });
  for (const Kind& kind : kServers) {
    Application application;
    application.kind = kind.name;
    const auto name = callable(application, sources, kind.expression);
    if (!name) continue;
    serve_with_gunicorn(application, add_programs(application, sources, "gunicorn"),
                        *name + kind.suffix);
    add_environment(application, sources);
    add_routes(application, sources);
    return application;
  }
  return std::nullopt;
}

}  // namespace poolbench::init
