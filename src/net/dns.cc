#include "net/dns.h"

#include <ares.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/io_source.h"
#include "async/loop.h"
#include "async/task.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/result.h"
#include "net/address.h"
#include "telemetry/log.h"

namespace kthena::net {
namespace {

using namespace std::chrono_literals;

constexpr Duration kMinTtl = 1s;
constexpr Duration kMaxTtl = 5min;
constexpr Duration kNotFoundTtl = 5s;
constexpr std::size_t kMaxHostName = 253;
// A socket is read so often in one turn of the loop before others have theirs.
constexpr int kReadsPerTurn = 16;

Result<std::string> normalise(std::string_view host) {
  std::string name;
  const std::size_t dots_at_end = host.ends_with('.') ? 1 : 0;
  bool valid = host.size() > dots_at_end && host.size() <= kMaxHostName + dots_at_end;
  for (std::size_t i = 0; i < host.size() && valid; ++i) {
    char c = host[i];
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    valid = letter || (c == '.' && i > 0 && host[i - 1] != '.');
    name += c;
  }
  if (!valid) {
    return fail(ErrorCode::InvalidArgument,
                "not a host name: '" + std::string(host.substr(0, kMaxHostName)) + "'");
  }
  return name;
}

std::vector<IpAddress> addresses_of(const ares_addrinfo& info) {
  std::vector<IpAddress> addresses;
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr; node = node->ai_next) {
    sockaddr_storage storage{};
    std::copy_n(reinterpret_cast<const char*>(node->ai_addr),
                std::min<std::size_t>(static_cast<std::size_t>(node->ai_addrlen), sizeof(storage)),
                reinterpret_cast<char*>(&storage));
    const IpAddress ip = SocketAddress::from_sockaddr(storage).ip;
    if (std::ranges::find(addresses, ip) == addresses.end()) {
      addresses.push_back(ip);
    }
  }
  return addresses;
}

/// The shortest of all records, aliases included, within our bounds.
Duration ttl_of(const ares_addrinfo& info) {
  Duration ttl = kMaxTtl;
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr; node = node->ai_next) {
    ttl = std::min<Duration>(ttl, std::chrono::seconds(node->ai_ttl));
  }
  for (const ares_addrinfo_cname* name = info.cnames; name != nullptr; name = name->next) {
    ttl = std::min<Duration>(ttl, std::chrono::seconds(name->ttl));
  }
  return std::max(ttl, kMinTtl);
}

ErrorCode code_of(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
      return ErrorCode::NotFound;
    case ARES_EBADNAME:
      return ErrorCode::InvalidArgument;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return ErrorCode::Cancelled;
    default:
      return ErrorCode::Unavailable;
  }
}

}  // namespace

/// c-ares on the loop: its sockets, its one timer, its answers.
class DnsResolver::Engine final : private async::Timer, private async::Runnable {
 public:
  explicit Engine(DnsResolver& owner) : Timer(owner.loop_), owner_(owner) {}
  ~Engine() override {
    if (channel_ != nullptr) {
      ares_destroy(channel_);  // answers all that is pending, closes all sockets
    }
  }

  Result<> open(const DnsOptions& options);
  void look_up(const std::string& key, const std::string& host, IpFamily family);

 private:
  /// A socket of c-ares. Edges are remembered by the source; what it does not read stays readable.
  class Socket final : private async::IoTap, private async::Runnable {
   public:
    Socket(Engine& engine, int fd) : engine_(engine), fd_(fd), source_(engine.owner_.loop_) {
      source_.clear_readable();
      source_.clear_writable();
      source_.set_tap(this);
    }
    ~Socket() override { engine_.owner_.loop_.unwatch(fd_); }
    Result<> watch() { return engine_.owner_.loop_.watch(fd_, source_); }
    void set_interest(bool write) noexcept {
      wants_write_ = write;
      if (wants_write_ && source_.writable()) {
        queue();  // no edge comes for what is so already
      }
    }

   private:
    void queue() noexcept {
      if (!linked()) {
        source_.loop().make_ready(*this);
      }
    }
    void on_events(async::IoEvents /*events*/) noexcept override { queue(); }
    void run() noexcept override { engine_.process(fd_); }

    friend class Engine;
    Engine& engine_;
    int fd_;
    async::IoSource source_;
    bool wants_write_ = false;
  };

  struct Query {
    Engine& engine;
    std::string key;
    std::string host;
  };

  static void on_socket(void* self, ares_socket_t fd, int readable, int writable);
  static void on_answer(void* query, int status, int timeouts, ares_addrinfo* info);
  void on_timer() noexcept override { loop().make_ready(*this); }
  void run() noexcept override {
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    set_timer();
  }
  void process(int fd) noexcept;
  void set_timer();

  DnsResolver& owner_;
  ares_channel channel_ = nullptr;
  std::map<int, std::unique_ptr<Socket>> sockets_;
};

Result<> DnsResolver::Engine::open(const DnsOptions& options) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) {
    return fail(ErrorCode::Internal, std::string("c-ares: ") + ares_strerror(library));
  }
  ares_options settings{};
  settings.flags = options.search == DnsOptions::Search::No ? ARES_FLAG_NOSEARCH : 0;
  settings.timeout = static_cast<int>(std::max<std::int64_t>(
      1, std::chrono::ceil<std::chrono::milliseconds>(options.timeout).count()));
  settings.tries = static_cast<int>(std::max(1U, options.tries));
  settings.sock_state_cb = on_socket;
  settings.sock_state_cb_data = this;
  const int status = ares_init_options(
      &channel_, &settings,
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return fail(ErrorCode::Internal, std::string("c-ares: ") + ares_strerror(status));
  }
  std::string servers;
  for (const SocketAddress& server : options.servers) {
    servers += (servers.empty() ? "" : ",") + server.to_string();
  }
  if (!servers.empty()) {
    const int set = ares_set_servers_ports_csv(channel_, servers.c_str());
    if (set != ARES_SUCCESS) {
      return fail(ErrorCode::Internal, "DNS servers " + servers + ": " + ares_strerror(set));
    }
  }
  return {};
}

void DnsResolver::Engine::on_socket(void* self, ares_socket_t fd, int readable, int writable) {
  Engine& engine = *static_cast<Engine*>(self);
  if (readable == 0 && writable == 0) {
    engine.sockets_.erase(fd);  // it is closed next
    return;
  }
  auto& socket = engine.sockets_[fd];
  if (socket == nullptr) {
    socket = std::make_unique<Socket>(engine, fd);
    if (!socket->watch()) {
      log::warn("cannot watch a DNS socket");  // the query runs into its timeout
    }
  }
  socket->set_interest(writable != 0);
}

void DnsResolver::Engine::process(int fd) noexcept {
  for (int turn = 0;; ++turn) {
    const auto found = sockets_.find(fd);
    if (found == sockets_.end()) {
      break;  // closed by what was read
    }
    async::IoSource& source = found->second->source_;
    const bool write = source.writable() && found->second->wants_write_;
    // c-ares does not say whether it read all there is, which with edges one has to know.
    int unread = 0;
    const bool read = source.readable() || (::ioctl(fd, FIONREAD, &unread) == 0 && unread > 0);
    if (!read && !write) {
      break;
    }
    if (turn == kReadsPerTurn) {
      found->second->queue();
      break;
    }
    source.clear_readable();
    if (write) {
      source.clear_writable();
    }
    ares_process_fd(channel_, read ? fd : ARES_SOCKET_BAD, write ? fd : ARES_SOCKET_BAD);
  }
  set_timer();
}

void DnsResolver::Engine::set_timer() {
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) == nullptr) {
    Timer::cancel();
    return;
  }
  // One more, because its clock and ours are not read at the same time.
  Timer::set(loop().now() + std::chrono::seconds(left.tv_sec) +
             std::chrono::microseconds(left.tv_usec) + 1ms);
}

void DnsResolver::Engine::look_up(const std::string& key, const std::string& host,
                                  IpFamily family) {
  ares_addrinfo_hints hints{};
  hints.ai_family = family == IpFamily::V4   ? AF_INET
                    : family == IpFamily::V6 ? AF_INET6
                                             : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  auto query = std::make_unique<Query>(Query{.engine = *this, .key = key, .host = host});
  // The callback takes it over; it may run before this returns.
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, on_answer, query.release());
  set_timer();
}

void DnsResolver::Engine::on_answer(void* argument, int status, int /*timeouts*/,
                                    ares_addrinfo* info) {
  const std::unique_ptr<Query> query(static_cast<Query*>(argument));
  DnsResolver& owner = query->engine.owner_;
  std::vector<IpAddress> addresses;
  Duration ttl{};
  if (status == ARES_SUCCESS) {
    addresses = addresses_of(*info);
    ttl = ttl_of(*info);
    ares_freeaddrinfo(info);
    if (addresses.empty()) {
      status = ARES_ENODATA;
    }
  }
  if (status == ARES_SUCCESS) {
    owner.finish(query->key, std::move(addresses), ttl);
    return;
  }
  const ErrorCode code = code_of(status);
  owner.finish(query->key, fail(code, "resolving '" + query->host + "': " + ares_strerror(status)),
               code == ErrorCode::NotFound ? kNotFoundTtl : Duration::zero());
}

Result<std::unique_ptr<DnsResolver>> DnsResolver::create(async::EpollLoop& loop,
                                                         const DnsOptions& options) {
  std::unique_ptr<DnsResolver> resolver(new DnsResolver(loop, options));
  TRY(resolver->engine_->open(options));
  return resolver;
}

DnsResolver::DnsResolver(async::EpollLoop& loop, const DnsOptions& options)
    : loop_(loop),
      options_(options),
      cache_(options.max_cached),
      engine_(std::make_unique<Engine>(*this)) {}
DnsResolver::~DnsResolver() = default;

Instant DnsResolver::now() const {
  return options_.clock != nullptr ? options_.clock->now() : loop_.now();
}

std::shared_ptr<DnsResolver::Lookup> DnsResolver::start(const std::string& key,
                                                        const std::string& host, IpFamily family) {
  ++stats_.started;
  auto lookup = std::make_shared<Lookup>();
  pending_.emplace(key, lookup);
  engine_->look_up(key, host, family);
  return lookup;
}

void DnsResolver::finish(const std::string& key, DnsCache::Answer answer, Duration ttl) {
  auto pending = pending_.extract(key);
  CHECK(!pending.empty());
  if (ttl > Duration::zero()) {
    cache_.insert(key, answer, now() + ttl);
  }
  pending.mapped()->answer = std::move(answer);
  pending.mapped()->done.set();
}

async::Task<Result<std::vector<IpAddress>>> DnsResolver::resolve(std::string_view host,
                                                                 IpFamily family) {
  if (const auto literal = parse_ip(host); literal) {
    const bool fits = family == IpFamily::Any || literal->is_v4() == (family == IpFamily::V4);
    if (!fits) {
      co_return fail(ErrorCode::NotFound,
                     "resolving '" + std::string(host) + "': an address of the other family");
    }
    co_return std::vector<IpAddress>{*literal};
  }
  const std::string name = CO_TRY(normalise(host));
  const std::string key = std::to_string(static_cast<int>(family)) + name;
  if (const DnsCache::Answer* known = cache_.find(key, now()); known != nullptr) {
    ++stats_.cached;
    co_return *known;
  }
  std::shared_ptr<Lookup> lookup;
  if (const auto found = pending_.find(key); found != pending_.end()) {
    ++stats_.joined;
    lookup = found->second;
  } else if (pending_.size() >= options_.max_pending) {
    co_return fail(ErrorCode::Unavailable,
                   "resolving '" + name + "': too many names are being looked up");
  } else {
    lookup = start(key, name, family);
  }
  // From here on the resolver may be gone.
  CO_TRY(co_await lookup->done.wait());
  co_return lookup->answer;
}

}  // namespace kthena::net
