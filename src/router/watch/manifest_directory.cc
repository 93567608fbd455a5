#include "router/watch/manifest_directory.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "json/yaml.h"
#include "kube/meta/manifest.h"
#include "telemetry/log.h"

namespace kthena::router {
namespace {

// Several events of one change come within this time.
constexpr Duration kSettle = std::chrono::milliseconds(20);
// Where no event comes (network file systems), changes are found so late.
constexpr Duration kRescanEvery = std::chrono::seconds(5);
// A larger one would be refused by its parser all the same: it need not be read for that.
constexpr std::uint64_t kMaxFileBytes = json::YamlOptions{}.max_bytes;
// Times of files are this coarse at worst: one that changed so lately may change again unnoticed.
constexpr std::int64_t kCoarseNs = 50'000'000;

std::int64_t wall_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

bool is_manifest(const std::filesystem::path& path) {
  const std::string extension = path.extension();
  return !path.filename().string().starts_with('.') &&
         (extension == ".yaml" || extension == ".yml" || extension == ".json");
}

Error errno_error(const std::string& doing) {
  const ErrorCode code = errno == ENOENT   ? ErrorCode::NotFound
                         : errno == EACCES ? ErrorCode::PermissionDenied
                                           : ErrorCode::Internal;
  return {code, doing + ": " + std::strerror(errno)};
}

/// The files of `directory` that look like manifests. All of them, or an error.
Result<std::vector<std::string>> list_manifests(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    if (is_manifest(entries->path())) {
      paths.push_back(entries->path());
    }
  }
  if (error) {
    const ErrorCode code = error == std::errc::permission_denied ? ErrorCode::PermissionDenied
                           : error == std::errc::no_such_file_or_directory ? ErrorCode::NotFound
                                                                           : ErrorCode::Internal;
    return fail(code, "manifest directory " + directory + ": " + error.message());
  }
  return paths;
}

template <class T>
void append_new(std::vector<T>& all, const std::vector<T>& more, std::set<std::string>& seen,
                std::string_view kind) {
  for (const T& object : more) {
    const std::string key = object.metadata.key().to_string();
    if (seen.insert(std::string(kind) + " " + key).second) {
      all.push_back(object);
    } else {
      log::warn("object is defined in two files; the first one counts", kv("kind", kind),
                kv("key", key));
    }
  }
}

void add(Objects& objects, api::networking::ModelRoute&& route) {
  objects.routes.push_back(std::move(route));
}
void add(Objects& objects, api::networking::ModelServer&& server) {
  objects.servers.push_back(std::move(server));
}
void add(Objects& objects, kube::Pod&& pod) { objects.pods.push_back(std::move(pod)); }
void add(Objects& objects, kube::EndpointSlice&& slice) {
  objects.slices.push_back(std::move(slice));
}

}  // namespace

bool ManifestSet::read_file(const std::string& path, File& file) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in && in.peek() != std::ifstream::traits_type::eof()) {
    text << in.rdbuf();
  }
  if (in.bad() || !in.is_open()) {
    log::error("manifest cannot be read; keeping what it said before", kv("file", path));
    file.hash.reset();
    return false;
  }
  const std::uint64_t hash = xxh3_64(text.view());
  if (file.hash == hash) {
    return false;
  }
  file.hash = hash;
  auto manifests = kube::read_manifests<api::networking::ModelRoute, api::networking::ModelServer,
                                        kube::Pod, kube::EndpointSlice>(path, text.str());
  for (const auto& problem : manifests.problems) {
    if (problem.is_error()) {
      log::error("manifest has an error; keeping what the file said before", kv("at", problem));
    } else {
      log::warn("manifest has a flaw", kv("at", problem));
    }
  }
  if (!manifests.ok()) {
    return false;
  }
  file.objects = {};
  for (auto& entry : manifests.objects) {
    std::visit([&file](auto&& object) { add(file.objects, std::move(object)); },
               std::move(entry.object));
  }
  return true;
}

Result<bool> ManifestSet::rescan() {
  // All names first: a directory that cannot be read to its end says nothing about what is gone.
  const std::vector<std::string> names = TRY(list_manifests(directory_));
  const std::int64_t before = wall_ns();
  bool changed = false;
  std::set<std::string> present;
  for (const std::string& path : names) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
      continue;
    }
    present.insert(path);
    const Signature signature{
        .inode = status.st_ino,
        .changed_ns = status.st_ctim.tv_sec * std::int64_t{1'000'000'000} + status.st_ctim.tv_nsec,
        .size = static_cast<std::uint64_t>(status.st_size)};
    const auto known = files_.find(path);
    if (known != files_.end() && known->second.settled && known->second.signature == signature) {
      continue;
    }
    File& file = files_[path];
    file.signature = signature;
    file.settled = signature.changed_ns < before - kCoarseNs;
    if (signature.size > kMaxFileBytes) {
      log::error("manifest is too large; keeping what the file said before", kv("file", path),
                 kv("bytes", signature.size), kv("limit", kMaxFileBytes));
      file.hash.reset();
      continue;
    }
    changed = read_file(path, file) || changed;
  }
  const auto removed =
      std::erase_if(files_, [&](const auto& entry) { return !present.contains(entry.first); });
  return changed || removed > 0;
}

Objects ManifestSet::objects() const {
  Objects all;
  std::set<std::string> seen;
  for (const auto& [path, file] : files_) {
    append_new(all.routes, file.objects.routes, seen, "ModelRoute");
    append_new(all.servers, file.objects.servers, seen, "ModelServer");
    append_new(all.pods, file.objects.pods, seen, "Pod");
    append_new(all.slices, file.objects.slices, seen, "EndpointSlice");
  }
  return all;
}

Result<std::unique_ptr<DirectoryWatch>> DirectoryWatch::create(async::EpollLoop& loop,
                                                               const std::string& directory,
                                                               std::function<void()> on_change) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) {
    return fail(errno_error("inotify"));
  }
  std::unique_ptr<DirectoryWatch> watch(new DirectoryWatch(loop, fd, std::move(on_change)));
  if (::inotify_add_watch(
          fd, directory.c_str(),
          IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB) < 0) {
    return fail(errno_error("watching " + directory));
  }
  TRY(loop.watch(fd, watch->source_));
  return watch;
}

DirectoryWatch::DirectoryWatch(async::EpollLoop& loop, int fd, std::function<void()> on_change)
    : Timer(loop), loop_(loop), fd_(fd), source_(loop), on_change_(std::move(on_change)) {
  source_.set_observer(this);
  Timer::set(loop.now() + kRescanEvery);
}

DirectoryWatch::~DirectoryWatch() {
  loop_.unwatch(fd_);
  ::close(fd_);
}

void DirectoryWatch::on_io() noexcept {
  alignas(inotify_event) std::array<char, 16 << 10> buffer;
  while (::read(fd_, buffer.data(), buffer.size()) > 0) {
  }
  source_.clear_readable();
  Timer::set(loop_.now() + kSettle);
}

void DirectoryWatch::on_timer() noexcept {
  Timer::set(loop_.now() + kRescanEvery);
  on_change_();
}

}  // namespace kthena::router
