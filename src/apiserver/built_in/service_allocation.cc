#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/service_checks.h"
#include "apiserver/built_in/service_strategy.h"
#include "base/check.h"
#include "base/strings.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"

namespace kthena::apiserver {

namespace {

using json::FieldPath;
using json::Problem;
using json::Value;

std::optional<std::uint32_t> ipv4_of(std::string_view text) {
  std::uint32_t address = 0;
  const auto parts = split(text, '.');
  if (parts.size() != 4) {
    return std::nullopt;
  }
  for (const std::string_view part : parts) {
    const auto number = parse_int<int>(part);
    if (!number || *number < 0 || *number > 255) {
      return std::nullopt;
    }
    address = address << 8 | static_cast<std::uint32_t>(*number);
  }
  return address;
}

std::string text_of_address(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255);
}

bool needs_cluster_ip(const Value& service) {
  return text_at(service, {"spec", "type"}) != "ExternalName";
}

bool needs_node_ports(const Value& service) {
  const std::string_view type = text_at(service, {"spec", "type"});
  const Value* allocates = at(service, {"spec", "allocateLoadBalancerNodePorts"});
  return type == "NodePort" ||
         (type == "LoadBalancer" && (allocates == nullptr || is_true(allocates)));
}

bool needs_health_port(const Value& service) {
  return text_at(service, {"spec", "type"}) == "LoadBalancer" &&
         text_at(service, {"spec", "externalTrafficPolicy"}) == "Local";
}

std::int64_t node_port_of(const Value& port) {
  return number_of(at(port, {"nodePort"})).value_or(0);
}

/// What an update leaves out is as before.
void keep_allocated(Value& service, const Value& before) {
  Value& spec = object_at(service, "spec");
  if (needs_cluster_ip(before) && needs_cluster_ip(service)) {
    for (const std::string_view name : {"clusterIP", "clusterIPs"}) {
      const Value* old = at(before, {"spec", name});
      if (is_nothing(at(spec, {name})) && old != nullptr) {
        spec.set(name, *old);
      }
    }
  }
  if (needs_node_ports(before) && needs_node_ports(service)) {
    std::map<std::string_view, std::int64_t> old_ports;
    std::set<std::int64_t> old_used;
    for (const Value& port : items_of(at(before, {"spec", "ports"}))) {
      old_ports[text_at(port, {"name"})] = node_port_of(port);
      old_used.insert(node_port_of(port));
    }
    std::set<std::int64_t> used;
    Value* ports = at(spec, {"ports"});
    for (const Value& port : items_of(ports)) {
      if (node_port_of(port) != 0 && old_used.contains(node_port_of(port))) {
        used.insert(node_port_of(port));
      }
    }
    for (std::size_t i = 0; i < items_of(ports).size(); ++i) {
      Value& port = ports->as_array()[i];
      const auto old = old_ports.find(text_at(port, {"name"}));
      if (node_port_of(port) == 0 && old != old_ports.end() && old->second != 0 &&
          !used.contains(old->second)) {
        port.set("nodePort", old->second);
      }
    }
  }
  const std::int64_t old_health =
      number_of(at(before, {"spec", "healthCheckNodePort"})).value_or(0);
  if (needs_health_port(before) && needs_health_port(service) && old_health != 0 &&
      is_nothing(at(spec, {"healthCheckNodePort"}))) {
    spec.set("healthCheckNodePort", old_health);
  }
}

/// clusterIP and clusterIPs say the same.
void settle_cluster_ips(Value& service, const Value* before) {
  Value& spec = object_at(service, "spec");
  const std::string ip(text_at(spec, {"clusterIP"}));
  if (before == nullptr) {
    if (!ip.empty() && is_nothing(at(spec, {"clusterIPs"}))) {
      spec.set("clusterIPs", json::Array{ip});
    }
    return;
  }
  const std::string_view old = text_at(*before, {"spec", "clusterIP"});
  const Value* old_list = at(*before, {"spec", "clusterIPs"});
  if (!is_nothing(old_list) && is_nothing(at(spec, {"clusterIPs"})) && old == ip) {
    spec.set("clusterIPs", *old_list);
  }
  if (old != ip && same(old_list, at(spec, {"clusterIPs"}))) {
    if (ip.empty()) {
      spec.erase("clusterIPs");
    } else {
      spec.set("clusterIPs", json::Array{ip});
    }
  }
}

}  // namespace

ServicePool::ServicePool(std::string_view network, int bits, int first_port, int last_port)
    : bits_(bits), first_port_(first_port), last_port_(last_port) {
  const auto base = ipv4_of(network);
  CHECK(base.has_value() && bits >= 8 && bits <= 30);  // by who builds the server
  first_ = *base + 1;
  last_ = *base + (std::uint32_t{1} << (32 - bits)) - 2;
  next_address_ = first_;
  next_port_ = first_port;
}

bool ServicePool::contains(std::uint32_t address) const {
  return address >= first_ && address <= last_;
}

void ServicePool::take(const Value& service) {
  for (const Value& ip : items_of(at(service, {"spec", "clusterIPs"}))) {
    if (const auto address = ipv4_of(text_of(&ip))) {
      addresses_.insert(*address);
    }
  }
  for (const Value& port : items_of(at(service, {"spec", "ports"}))) {
    if (const std::int64_t number = node_port_of(port); number != 0) {
      ports_.insert(static_cast<int>(number));
    }
  }
  if (const auto health = number_of(at(service, {"spec", "healthCheckNodePort"}))) {
    ports_.insert(static_cast<int>(*health));
  }
}

void ServicePool::release(const Value& service) {
  for (const Value& ip : items_of(at(service, {"spec", "clusterIPs"}))) {
    if (const auto address = ipv4_of(text_of(&ip))) {
      addresses_.erase(*address);
    }
  }
  for (const Value& port : items_of(at(service, {"spec", "ports"}))) {
    ports_.erase(static_cast<int>(node_port_of(port)));
  }
  if (const auto health = number_of(at(service, {"spec", "healthCheckNodePort"}))) {
    ports_.erase(static_cast<int>(*health));
  }
}

std::optional<std::uint32_t> ServicePool::next_address() {
  for (std::uint32_t tries = 0; tries <= last_ - first_; ++tries) {
    const std::uint32_t address = next_address_;
    next_address_ = address == last_ ? first_ : address + 1;
    if (!addresses_.contains(address)) {
      return address;
    }
  }
  return std::nullopt;
}

std::optional<int> ServicePool::next_port() {
  for (int tries = 0; tries <= last_port_ - first_port_; ++tries) {
    const int port = next_port_;
    next_port_ = port == last_port_ ? first_port_ : port + 1;
    if (!ports_.contains(port)) {
      return port;
    }
  }
  return std::nullopt;
}

/// One Service's round with the pool.
class ServiceAllocation {
 public:
  ServiceAllocation(Value& service, const Value* before, ServicePool& pool)
      : service_(service), spec_(object_at(service, "spec")), before_(before), pool_(pool) {}

  std::vector<Problem> run() {
    if (needs_cluster_ip(service_)) {
      settle_families();
      if (problems_.empty()) {
        give_address();
      }
    }
    if (problems_.empty()) {
      give_node_ports();
    }
    return std::move(problems_);
  }

 private:
  bool is_headless() const { return text_at(spec_, {"clusterIP"}) == "None"; }
  bool is_without_selector() const { return is_nothing(at(spec_, {"selector"})); }

  void settle_families() {
    const Value* old_policy =
        before_ == nullptr ? nullptr : at(*before_, {"spec", "ipFamilyPolicy"});
    if (at(spec_, {"ipFamilyPolicy"}) == nullptr) {
      const bool both = is_headless() && is_without_selector();
      spec_.set("ipFamilyPolicy", old_policy != nullptr ? *old_policy
                                  : both                ? Value("RequireDualStack")
                                                        : Value("SingleStack"));
    }
    const std::string policy(text_at(spec_, {"ipFamilyPolicy"}));
    if (is_headless() && is_without_selector()) {
      if (is_nothing(at(spec_, {"ipFamilies"}))) {
        spec_.set("ipFamilies", json::Array{"IPv4"});
      }
      json::Array& families = spec_.find("ipFamilies")->as_array();
      if (families.size() < 2 && policy != "SingleStack") {
        families.emplace_back(families.front() == Value("IPv4") ? "IPv6" : "IPv4");
      }
      return;
    }
    if (policy == "RequireDualStack") {
      add(json::invalid_value(FieldPath("spec.ipFamilyPolicy"), json::quoted(policy),
                              "this cluster is not configured for dual-stack services"));
    }
    const json::Array& families = items_of(at(spec_, {"ipFamilies"}));
    for (std::size_t i = 0; i < families.size(); ++i) {
      if (families[i] != Value("IPv4")) {
        add(json::invalid_value(FieldPath("spec.ipFamilies").index(i),
                                json::quoted(text_of(&families[i])),
                                "not configured on this cluster"));
      }
    }
    if (families.empty()) {
      spec_.set("ipFamilies", json::Array{"IPv4"});
    }
  }

  void give_address() {
    const json::Array& given = items_of(at(spec_, {"clusterIPs"}));
    if (is_headless() || (!given.empty() && given.front() == Value("None"))) {
      return;
    }
    const std::string wanted(given.empty() ? std::string_view{} : text_of(&given.front()));
    if (before_ != nullptr && !wanted.empty() &&
        wanted == text_at(*before_, {"spec", "clusterIP"})) {
      return;
    }
    if (wanted.empty()) {
      const auto address = pool_.next_address();
      if (!address) {
        add(json::invalid_value(FieldPath("spec.clusterIPs"), "[]",
                                "failed to allocate a serviceIP: range is full"));
        return;
      }
      const std::string text = text_of_address(*address);
      spec_.set("clusterIP", text);
      spec_.set("clusterIPs", json::Array{text});
      return;
    }
    const auto address = ipv4_of(wanted);
    const auto refuse = [&](std::string why) {
      add(json::invalid_value(FieldPath("spec.clusterIPs"), json::print(Value(given)),
                              fmt::format("failed to allocate IP {}: {}", wanted, why)));
    };
    if (!address || !pool_.contains(*address)) {
      refuse(fmt::format("the provided network does not match the current range"));
    } else if (pool_.addresses_.contains(*address)) {
      refuse("provided IP is already allocated");
    } else {
      spec_.set("clusterIP", wanted);
    }
  }

  bool was_ours(int port) const {
    if (before_ == nullptr) {
      return false;
    }
    for (const Value& old : items_of(at(*before_, {"spec", "ports"}))) {
      if (node_port_of(old) == port) {
        return true;
      }
    }
    return number_of(at(*before_, {"spec", "healthCheckNodePort"})) == port;
  }

  /// Why a port cannot be had; nothing if it can.
  std::optional<std::string> refused(std::int64_t port) const {
    if (port < pool_.first_port_ || port > pool_.last_port_) {
      return fmt::format(
          "provided port is not in the valid range. The range of valid ports is {}-{}",
          pool_.first_port_, pool_.last_port_);
    }
    const int number = static_cast<int>(port);
    if (pool_.ports_.contains(number) && !was_ours(number)) {
      return "provided port is already allocated";
    }
    return std::nullopt;
  }

  void give_node_ports() {
    const std::string_view type = text_at(spec_, {"type"});
    Value* ports = at(spec_, {"ports"});
    if (ports != nullptr && (type == "NodePort" || type == "LoadBalancer")) {
      std::map<std::int64_t, std::int64_t> of_port;  // one node port for both protocols of a port
      for (const Value& port : ports->as_array()) {
        if (node_port_of(port) != 0) {
          of_port.try_emplace(number_of(at(port, {"port"})).value_or(0), node_port_of(port));
        }
      }
      for (std::size_t i = 0; i < ports->as_array().size(); ++i) {
        give_node_port(ports->as_array()[i], i, of_port);
      }
    }
    if (needs_health_port(service_) && is_nothing(at(spec_, {"healthCheckNodePort"}))) {
      if (const auto port = pool_.next_port()) {
        spec_.set("healthCheckNodePort", *port);
      }
    }
  }

  void give_node_port(Value& port, std::size_t index,
                      std::map<std::int64_t, std::int64_t>& of_port) {
    const std::int64_t wanted = node_port_of(port);
    if (wanted != 0) {
      if (const auto why = refused(wanted)) {
        add(json::invalid_value(FieldPath("spec.ports").index(index).child("nodePort"),
                                fmt::to_string(wanted), *why));
      }
      return;
    }
    if (!needs_node_ports(service_)) {
      return;
    }
    const std::int64_t number = number_of(at(port, {"port"})).value_or(0);
    const auto known = of_port.find(number);
    if (known != of_port.end()) {
      port.set("nodePort", known->second);
      return;
    }
    auto given = pool_.next_port();
    while (given && taken_here(*given)) {
      given = pool_.next_port();
    }
    if (given) {
      port.set("nodePort", *given);
      of_port.emplace(number, *given);
    }
  }

  bool taken_here(int port) const {
    for (const Value& other : items_of(at(spec_, {"ports"}))) {
      if (node_port_of(other) == port) {
        return true;
      }
    }
    return false;
  }

  void add(Problem problem) { problems_.push_back(std::move(problem)); }

  Value& service_;
  Value& spec_;
  const Value* before_;
  ServicePool& pool_;
  std::vector<Problem> problems_;
};

std::vector<Problem> allocate_service(Value& service, const Value* before, ServicePool& pool) {
  if (before != nullptr) {
    keep_allocated(service, *before);
  }
  settle_cluster_ips(service, before);
  Findings findings;
  const Part whole{.value = &service};
  check_service_addresses(whole["spec"], findings);
  if (!findings.empty()) {
    return std::move(findings).take();
  }
  return ServiceAllocation(service, before, pool).run();
}

}  // namespace kthena::apiserver
