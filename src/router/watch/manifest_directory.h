// A directory of manifests, read and followed: the router without a cluster.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "async/epoll_loop.h"
#include "router/datastore/objects.h"

namespace kthena::router {

/// What the files of a directory hold, the last good state of each. Files: *.yaml, *.yml, *.json,
/// not hidden ones. Control shard.
class ManifestSet {
 public:
  explicit ManifestSet(std::string directory) : directory_(std::move(directory)) {}

  /// Reads what was added, changed or removed since the last time. True if something was.
  /// A file that cannot be read, or has an error, is logged with file and line and keeps what it
  /// said before; so does one over 16 MiB, which is what json::YamlOptions reads.
  /// Errors: NotFound, PermissionDenied, Internal for the directory itself, which it names; then
  /// everything stays as it was.
  Result<bool> rescan();

  /// All objects. Of an object that two files define the first one counts (files in the order of
  /// their names).
  Objects objects() const;

 private:
  struct Signature {
    std::uint64_t inode = 0;
    std::int64_t changed_ns = 0;  ///< content, owner or rights
    std::uint64_t size = 0;
    bool operator==(const Signature&) const = default;
  };
  struct File {
    Signature signature;
    bool settled = false;  ///< an equal signature means an equal file
    std::optional<std::uint64_t> hash;
    Objects objects;
  };
  /// False if it says what it said before.
  static bool read_file(const std::string& path, File& file);

  std::string directory_;
  std::map<std::string, File> files_;
};

/// Tells when something in a directory may have changed. Editors' and kubelet's ways of replacing
/// files are one change.
class DirectoryWatch final : private async::IoObserver, private async::Timer {
 public:
  /// Errors: NotFound, PermissionDenied, Internal (no watches left).
  static Result<std::unique_ptr<DirectoryWatch>> create(async::EpollLoop& loop,
                                                        const std::string& directory,
                                                        std::function<void()> on_change);
  ~DirectoryWatch() override;

 private:
  DirectoryWatch(async::EpollLoop& loop, int fd, std::function<void()> on_change);
  void on_io() noexcept override;
  void on_timer() noexcept override;

  async::EpollLoop& loop_;
  int fd_;
  async::IoSource source_;
  std::function<void()> on_change_;
};

}  // namespace kthena::router
