#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "apiserver/built_in/access.h"
#include "apiserver/built_in/checking.h"
#include "apiserver/built_in/pod_checks.h"
#include "base/strings.h"
#include "json/value.h"
#include "kube/meta/quantity.h"

namespace kthena::apiserver {

namespace {

using json::FieldPath;
using json::Value;

void check_mode(const Part& mode, Findings& findings) {
  const auto number = mode.number();
  if (number && (*number < 0 || *number > 0777)) {
    findings.invalid(mode, "must be a number between 0 and 0777 (octal), both inclusive");
  }
}

void check_no_backsteps(const Part& path, const FieldPath& at, Findings& findings) {
  for (const std::string_view part : split(path.text(), '/')) {
    if (part == "..") {
      findings.invalid(at, Value(path.text()), "must not contain '..'");
      return;
    }
  }
}

/// Within another folder.
void check_descending(const Part& path, const FieldPath& at, Findings& findings) {
  if (path.text().starts_with('/')) {
    findings.invalid(at, Value(path.text()), "must be a relative path");
  }
  check_no_backsteps(path, at, findings);
}

void check_file_path(const Part& path, Findings& findings) {
  if (path.text().empty()) {
    findings.required(path.path);
  }
  check_descending(path, path.path, findings);
  if (path.text().starts_with("..") && !path.text().starts_with("../")) {
    findings.invalid(path, "must not start with '..'");
  }
}

void check_items(const Part& source, Findings& findings) {
  for (const Part& item : source["items"].items()) {
    if (item["key"].text().empty()) {
      findings.required(item["key"].path);
    }
    check_file_path(item["path"], findings);
    check_mode(item["mode"], findings);
  }
}

void require(const Part& part, Findings& findings) {
  if (part.is_nothing()) {
    findings.required(part.path);
  }
}

void check_empty_dir(const Part& source, Findings& findings) {
  const Part limit = source["sizeLimit"];
  if (limit) {
    const auto quantity = kube::Quantity::from_json(*limit.value);
    if (quantity && quantity->sign() < 0) {
      findings.forbidden(limit.path, "SizeLimit field must be a valid resource quantity");
    }
  }
}

void check_host_path(const Part& source, Findings& findings) {
  const Part path = source["path"];
  if (path.text().empty()) {
    findings.required(path.path);
    return;
  }
  check_no_backsteps(path, path.path, findings);
  constexpr std::array<std::string_view, 8> kTypes{
      "",     "BlockDevice",  "CharDevice", "Directory", "DirectoryOrCreate",
      "File", "FileOrCreate", "Socket"};
  const Part type = source["type"];
  if (type && std::ranges::find(kTypes, type.text()) == kTypes.end()) {
    findings.unsupported(type.path, *type.value,
                         {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File",
                          "FileOrCreate", "Socket"});
  }
}

void check_secret_volume(const Part& source, Findings& findings) {
  require(source["secretName"], findings);
  check_mode(source["defaultMode"], findings);
  check_items(source, findings);
}

void check_config_map_volume(const Part& source, Findings& findings) {
  require(source["name"], findings);
  check_mode(source["defaultMode"], findings);
  check_items(source, findings);
}

/// @param place  where findings are said to be
void check_downward_file(const Part& file, const FieldPath& place, Findings& findings) {
  const auto child = [&](std::string_view name) {
    return Part{.value = file[name].value, .path = place.child(name)};
  };
  check_file_path(child("path"), findings);
  const Part field = child("fieldRef");
  const Part resource = child("resourceFieldRef");
  if (field) {
    check_field_reference(field,
                          {"metadata.annotations", "metadata.labels", "metadata.name",
                           "metadata.namespace", "metadata.uid"},
                          findings);
    if (resource) {
      findings.invalid(place, Value("resource"),
                       "fieldRef and resourceFieldRef can not be specified simultaneously");
    }
  } else if (resource) {
    require(resource["containerName"], findings);
    require(resource["resource"], findings);
  } else {
    findings.required(place, "one of fieldRef and resourceFieldRef is required");
  }
  check_mode(child("mode"), findings);
}

void check_downward_volume(const Part& source, Findings& findings) {
  check_mode(source["defaultMode"], findings);
  for (const Part& file : source["items"].items()) {
    check_downward_file(file, source.path, findings);
  }
}

void check_claim_volume(const Part& source, Findings& findings) {
  require(source["claimName"], findings);
}

void check_nfs(const Part& source, Findings& findings) {
  require(source["server"], findings);
  require(source["path"], findings);
  if (!source["path"].text().empty() && !source["path"].text().starts_with('/')) {
    findings.invalid(source["path"], "must be an absolute path");
  }
}

void check_token_projection(const Part& token, Findings& findings) {
  constexpr std::int64_t kShortest = 600;
  constexpr std::int64_t kLongest = std::int64_t{1} << 32;
  const Part seconds = token["expirationSeconds"];
  if (const auto number = seconds.number()) {
    if (*number < kShortest) {
      findings.invalid(seconds, "may not specify a duration less than 10 minutes");
    }
    if (*number > kLongest) {
      findings.invalid(seconds, "may not specify a duration larger than 2^32 seconds");
    }
  }
  check_file_path(token["path"], findings);
}

/// The paths of one volume's files.
using Paths = std::set<std::string, std::less<>>;

/// @param shown  what the message shows: the source's name, or the path
void take_path(const Part& volume, std::string_view path, std::string_view shown, Paths& paths,
               Findings& findings) {
  if (!path.empty() && !paths.emplace(path).second) {
    findings.invalid(volume.path, Value(shown), "conflicting duplicate paths");
  }
}

void check_projection(const Part& volume, const Part& source, Paths& paths, Findings& findings) {
  std::size_t kinds = 0;
  for (const std::string_view kind : {"secret", "configMap", "downwardAPI", "serviceAccountToken",
                                      "clusterTrustBundle", "podCertificate"}) {
    const Part one = source[kind];
    if (!one) {
      continue;
    }
    if (++kinds > 1) {
      findings.forbidden(one.path, "may not specify more than 1 volume type per source");
      continue;
    }
    if (kind == "secret" || kind == "configMap") {
      require(one["name"], findings);
      check_items(one, findings);
      for (const Part& item : one["items"].items()) {
        take_path(volume, item["path"].text(), one["name"].text(), paths, findings);
      }
    } else if (kind == "downwardAPI") {
      for (const Part& file : one["items"].items()) {
        check_downward_file(file, one.path, findings);
        take_path(volume, file["path"].text(), file["path"].text(), paths, findings);
      }
    } else if (kind == "serviceAccountToken") {
      check_token_projection(one, findings);
      take_path(volume, one["path"].text(), one["path"].text(), paths, findings);
    }
  }
}

void check_projected(const Part& source, Findings& findings) {
  check_mode(source["defaultMode"], findings);
  Paths paths;
  for (const Part& each : source["sources"].items()) {
    check_projection(source, each, paths, findings);
  }
}

void check_csi(const Part& source, Findings& findings) { require(source["driver"], findings); }

void check_ephemeral(const Part& source, Findings& findings) {
  if (!source["volumeClaimTemplate"]) {
    findings.required(source["volumeClaimTemplate"].path);
  }
}

void check_nothing(const Part&, Findings&) {}

struct Source {
  std::string_view name;
  void (*check)(const Part& source, Findings& findings);
};

// In the order in which they are looked at. Those of cloud providers are taken as they are.
constexpr std::array kSources{
    Source{"emptyDir", check_empty_dir},
    Source{"hostPath", check_host_path},
    Source{"gitRepo", check_nothing},
    Source{"gcePersistentDisk", check_nothing},
    Source{"awsElasticBlockStore", check_nothing},
    Source{"secret", check_secret_volume},
    Source{"nfs", check_nfs},
    Source{"iscsi", check_nothing},
    Source{"glusterfs", check_nothing},
    Source{"flocker", check_nothing},
    Source{"persistentVolumeClaim", check_claim_volume},
    Source{"rbd", check_nothing},
    Source{"cinder", check_nothing},
    Source{"cephfs", check_nothing},
    Source{"quobyte", check_nothing},
    Source{"downwardAPI", check_downward_volume},
    Source{"fc", check_nothing},
    Source{"flexVolume", check_nothing},
    Source{"configMap", check_config_map_volume},
    Source{"azureFile", check_nothing},
    Source{"vsphereVolume", check_nothing},
    Source{"photonPersistentDisk", check_nothing},
    Source{"portworxVolume", check_nothing},
    Source{"azureDisk", check_nothing},
    Source{"storageos", check_nothing},
    Source{"projected", check_projected},
    Source{"scaleIO", check_nothing},
    Source{"csi", check_csi},
    Source{"ephemeral", check_ephemeral},
    Source{"image", check_nothing},
};

void check_source(const Part& volume, Findings& findings) {
  std::size_t sources = 0;
  for (const Source& source : kSources) {
    const Part part = volume[source.name];
    if (!part) {
      continue;
    }
    if (++sources > 1) {
      findings.forbidden(part.path, "may not specify more than 1 volume type");
    } else {
      source.check(part, findings);
    }
  }
  if (sources == 0) {
    findings.required(volume.path, "must specify a volume type");
  }
}

void check_propagation(const Part& mount, const Part& container, const FieldPath& list,
                       Findings& findings) {
  const Part propagation = mount["mountPropagation"];
  if (!propagation) {
    return;
  }
  const FieldPath path = list.child("mountPropagation");
  const std::string_view text = propagation.text();
  if (text != "Bidirectional" && text != "HostToContainer" && text != "None") {
    findings.unsupported(path, *propagation.value, {"Bidirectional", "HostToContainer", "None"});
  }
  if (text == "Bidirectional" && !container["securityContext"]["privileged"].is_true()) {
    findings.forbidden(path,
                       "Bidirectional mount propagation is available only to privileged "
                       "containers");
  }
}

}  // namespace

Volumes check_volumes(const Part& volumes, std::string_view pod_name, Findings& findings) {
  Volumes sound;
  std::set<std::string, std::less<>> made;
  for (const Part& volume : volumes.items()) {
    if (volume["ephemeral"] && !pod_name.empty()) {
      made.insert(std::string(pod_name) + "-" + std::string(volume["name"].text()));
    }
  }
  for (const Part& volume : volumes.items()) {
    Findings own;
    const Part name = volume["name"];
    check_source(volume, own);
    if (name.text().empty()) {
      own.required(name.path);
    } else {
      check_dns_label(name, own);
    }
    if (sound.contains(name.text())) {
      own.duplicate(name.path, Value(name.text()));
    }
    if (own.empty()) {
      sound.emplace(name.text(), volume.value);
    }
    findings.add(std::move(own).take());
    const Part claim = volume["persistentVolumeClaim"]["claimName"];
    if (claim && made.contains(claim.text())) {
      findings.invalid(claim, "must not reference a PVC that gets created for an ephemeral volume");
    }
  }
  return sound;
}

void check_volume_mounts(const Part& container, const Volumes& volumes, Findings& findings) {
  const Part mounts = container["volumeMounts"];
  std::set<std::string, std::less<>> places;
  std::set<std::string, std::less<>> devices;
  for (const Part& device : container["volumeDevices"].items()) {
    devices.insert(std::string(device["name"].text()));
  }
  for (const Part& mount : mounts.items()) {
    const Part name = mount["name"];
    const Part place = mount["mountPath"];
    if (name.text().empty()) {
      findings.required(name.path);
    }
    if (!volumes.contains(name.text())) {
      findings.not_found(name.path, Value(name.text()));
    }
    if (place.text().empty()) {
      findings.required(place.path);
    }
    if (!places.insert(std::string(place.text())).second) {
      findings.invalid(place.path, Value(place.text()), "must be unique");
    }
    if (devices.contains(name.text())) {
      findings.invalid(name, "must not already exist in volumeDevices");
    }
    const Part sub = mount["subPath"];
    const Part expression = mount["subPathExpr"];
    if (!sub.text().empty()) {
      check_descending(sub, mounts.path.child("subPath"), findings);
    }
    if (!expression.text().empty()) {
      if (!sub.text().empty()) {
        findings.invalid(expression, "subPathExpr and subPath are mutually exclusive");
      }
      check_descending(expression, mounts.path.child("subPathExpr"), findings);
    }
    check_propagation(mount, container, mounts.path, findings);
  }
}

}  // namespace kthena::apiserver
