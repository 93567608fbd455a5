#include "apiserver/table/table.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apiserver/kinds/catalog.h"
#include "apiserver/table/human_duration.h"
#include "base/rfc3339.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/value.h"
#include "json/yaml.h"

namespace kthena::apiserver {
namespace {

using json::Value;

WallTime now() { return *parse_rfc3339("2026-11-24T20:23:47Z"); }

KindPtr kind_of(std::string_view api_version, std::string_view kind) {
  for (const KindPtr& each : built_in_kinds()) {
    if (each->api_version == api_version && each->kind == kind) {
      return each;
    }
  }
  ADD_FAILURE() << "no " << kind;
  return nullptr;
}

Value table(const Kind& kind, std::string_view object, TableOf of = TableOf::Objects) {
  const std::string_view objects[] = {object};
  return *json::parse(table_text(kind, of, objects, {.resource_version = "7"}, {}, now()));
}

/// The cells of an object's row. The object is YAML without apiVersion, kind and creation.
std::string cells(std::string_view api_version, std::string_view kind, std::string_view yaml) {
  auto documents = json::parse_yaml_documents(yaml);
  if (!documents) {
    return documents.error().message();
  }
  Value object = documents->front().value;
  if (object.find("metadata") == nullptr) {
    object.set("metadata", json::Object{{"name", "x"}});
  }
  object.find("metadata")->set("creationTimestamp", "2026-11-24T20:22:35Z");
  const Value made = table(*kind_of(api_version, kind), json::print(object));
  return json::print(*made.find("rows")->as_array()[0].find("cells"));
}

std::string pod(std::string_view yaml) { return cells("v1", "Pod", yaml); }

// Cells are what kube-apiserver 1.34.2 answered for these objects.

TEST(PodTable, ShowsWhatRuns) {
  EXPECT_EQ(pod(R"(
spec: {nodeName: n1, containers: [{name: c}, {name: d}], readinessGates: [{conditionType: xx}, {conditionType: yy}]}
status:
  phase: Running
  podIPs: [{ip: 10.0.0.1}]
  nominatedNodeName: n9
  conditions: [{type: Ready, status: "True"}, {type: xx, status: "True"}]
  containerStatuses:
  - {name: c, ready: true, restartCount: 0, state: {running: {startedAt: "2026-11-24T10:00:00Z"}}}
  - {name: d, ready: false, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed}}}
)"),
            R"(["x","1/2","Running","0","72s","10.0.0.1","n1","n9","1/2"])");
}

TEST(PodTable, SaysWhyAPodDoesNotRun) {
  EXPECT_EQ(
      pod(R"(
spec: {containers: [{name: c}]}
status:
  phase: Running
  containerStatuses:
  - {name: c, ready: false, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, finishedAt: "2026-11-24T18:00:00Z"}}}
)"),
      R"x(["x","0/1","CrashLoopBackOff","3 (143m ago)","72s","<none>","<none>","<none>","<none>"])x");
  EXPECT_TRUE(pod(R"(
spec: {containers: [{name: c}]}
status: {phase: Failed, containerStatuses: [{name: c, restartCount: 1, state: {terminated: {exitCode: 137, signal: 9}}}]}
)")
                  .starts_with(R"(["x","0/1","Signal:9","1",)"));
  EXPECT_TRUE(pod("{spec: {containers: [{name: c}]}, status: {phase: Failed, reason: Evicted}}")
                  .starts_with(R"(["x","0/1","Evicted","0",)"));
  EXPECT_TRUE(pod(R"(
spec: {containers: [{name: c}]}
status: {phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: SchedulingGated}]}
)")
                  .starts_with(R"(["x","0/1","SchedulingGated",)"));
}

TEST(PodTable, CountsInitContainersAndSidecars) {
  EXPECT_TRUE(pod(R"(
spec: {initContainers: [{name: i1}, {name: side, restartPolicy: Always}, {name: i2}], containers: [{name: c}]}
status:
  phase: Pending
  initContainerStatuses:
  - {name: i1, ready: true, restartCount: 2, state: {terminated: {exitCode: 0}}, lastState: {terminated: {exitCode: 1, finishedAt: "2026-11-23T10:00:00Z"}}}
  - {name: side, ready: true, started: true, restartCount: 1, state: {running: {}}}
  - {name: i2, ready: false, restartCount: 0, state: {waiting: {reason: PodInitializing}}}
)")
                  .starts_with(R"x(["x","1/2","Init:2/3","3 (34h ago)",)x"));
  EXPECT_TRUE(pod(R"(
spec: {initContainers: [{name: i1}], containers: [{name: c}]}
status: {phase: Pending, initContainerStatuses: [{name: i1, restartCount: 2, state: {terminated: {exitCode: 3}}}]}
)")
                  .starts_with(R"(["x","0/1","Init:ExitCode:3","2",)"));
  EXPECT_TRUE(pod(R"(
spec: {initContainers: [{name: side, restartPolicy: Always}], containers: [{name: c}]}
status:
  phase: Running
  conditions: [{type: Initialized, status: "True"}]
  initContainerStatuses:
  - {name: side, ready: true, started: true, restartCount: 5, state: {running: {}}, lastState: {terminated: {exitCode: 1, finishedAt: "2026-11-24T17:00:00Z"}}}
  containerStatuses:
  - {name: c, ready: true, restartCount: 1, state: {running: {}}, lastState: {terminated: {exitCode: 1, finishedAt: "2026-11-24T16:00:00Z"}}}
)")
                  .starts_with(R"x(["x","2/2","Running","6 (3h23m ago)",)x"));
}

TEST(PodTable, SaysThatAPodGoes) {
  constexpr std::string_view kGoing = R"(
metadata: {name: x, deletionTimestamp: "2026-11-24T20:23:00Z"}
spec: {containers: [{name: c}]}
status: {phase: PHASE}
)";
  const auto with = [&](std::string_view phase) {
    std::string text(kGoing);
    text.replace(text.find("PHASE"), 5, phase);
    return pod(text);
  };
  EXPECT_TRUE(with("Running").starts_with(R"(["x","0/1","Terminating",)"));
  EXPECT_TRUE(with("Succeeded").starts_with(R"(["x","0/1","Succeeded",)"));
}

TEST(PodTable, MarksPodsThatHaveEnded) {
  const Value made = table(*kind_of("v1", "Pod"), R"({"status":{"phase":"Succeeded"}})");
  EXPECT_EQ(json::print(*made.find("rows")->as_array()[0].find("conditions")),
            R"([{"type":"Completed","status":"True","reason":"Succeeded",)"
            R"("message":"The pod has completed successfully."}])");
}

TEST(Tables, ShowWorkloads) {
  EXPECT_EQ(cells("apps/v1", "Deployment", R"(
spec:
  replicas: 3
  selector:
    matchLabels: {a: b}
    matchExpressions: [{key: z, operator: In, values: [yy, xx]}, {key: q, operator: DoesNotExist}, {key: m, operator: NotIn, values: [k]}, {key: e, operator: Exists}]
  template: {spec: {containers: [{name: c, image: "i:1"}, {name: d, image: "j:2"}]}}
status: {readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2}
)"),
            R"x(["x","2/3",1,2,"72s","c,d","i:1,j:2","a=b,e,m notin (k),!q,z in (xx,yy)"])x");
  EXPECT_EQ(cells("apps/v1", "DaemonSet", R"(
spec: {selector: {matchLabels: {a: b}}, template: {spec: {nodeSelector: {k: v, a: b}, containers: [{name: c, image: "i:1"}]}}}
status: {currentNumberScheduled: 2, desiredNumberScheduled: 3, numberReady: 1, updatedNumberScheduled: 2, numberAvailable: 1}
)"),
            R"(["x",3,2,1,2,1,"a=b,k=v","72s","c","i:1","a=b"])");
  EXPECT_EQ(cells("apps/v1", "ControllerRevision", R"(
metadata: {name: x, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: ss1, controller: true}]}
revision: 4
)"),
            R"(["x","statefulset.apps/ss1",4,"72s"])");
  EXPECT_EQ(cells("batch/v1", "CronJob", R"(
spec: {schedule: "*/5 * * * *", suspend: false, jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: i}]}}}}}
status: {lastScheduleTime: "2026-11-24T10:00:00Z", active: [{name: j1}]}
)"),
            R"(["x","*/5 * * * *","<none>","False",1,"10h","72s","c","i","<none>"])");
}

TEST(Tables, ShowJobs) {
  EXPECT_EQ(cells("batch/v1", "Job", R"(
spec: {completions: 4, parallelism: 1, selector: {matchLabels: {u: "1"}}, template: {spec: {containers: [{name: c, image: i}]}}}
status: {startTime: "2026-11-24T10:00:00Z", succeeded: 4, completionTime: "2026-11-24T10:03:05Z", conditions: [{type: SuccessCriteriaMet, status: "True"}, {type: Complete, status: "True"}]}
)"),
            R"(["x","Complete","4/4","3m5s","72s","c","i","u=1"])");
  EXPECT_EQ(cells("batch/v1", "Job", R"(
spec: {parallelism: 3, template: {spec: {containers: [{name: c, image: i}]}}}
status: {startTime: "2026-11-24T10:00:00Z", succeeded: 1, active: 2}
)"),
            R"(["x","Running","1/1 of 3","10h","72s","c","i","<none>"])");
  EXPECT_EQ(cells("batch/v1", "Job", R"(
spec: {suspend: true, parallelism: 1}
status: {conditions: [{type: Suspended, status: "True"}]}
)"),
            R"(["x","Suspended","0/1","","72s","","","<none>"])");
}

TEST(Tables, ShowServices) {
  EXPECT_EQ(cells("v1", "Service", R"(
spec: {type: ClusterIP, clusterIPs: [10.0.0.235], selector: {a: b}, ports: [{port: 80, protocol: TCP}, {port: 81, protocol: UDP}]}
)"),
            R"(["x","ClusterIP","10.0.0.235","<none>","80/TCP,81/UDP","72s","a=b"])");
  EXPECT_EQ(
      cells("v1", "Service", R"(
spec: {type: LoadBalancer, clusterIPs: [10.0.0.157], externalIPs: [9.9.9.9], ports: [{port: 80, protocol: TCP, nodePort: 30576}]}
status: {loadBalancer: {ingress: [{hostname: a.long.name.example}, {ip: 5.5.5.5}]}}
)"),
      R"(["x","LoadBalancer","10.0.0.157","5.5.5.5,a.long.name.example,9.9.9.9","80:30576/TCP","72s","<none>"])");
  EXPECT_EQ(cells("v1", "Service", "spec: {type: ExternalName, externalName: x.y}"),
            R"(["x","ExternalName","<none>","x.y","<none>","72s","<none>"])");
  EXPECT_EQ(cells("v1", "Service", "spec: {type: LoadBalancer, clusterIPs: [None]}"),
            R"(["x","LoadBalancer","None","<pending>","<none>","72s","<none>"])");
}

TEST(Tables, ShowTheFirstOfManyAddresses) {
  EXPECT_EQ(cells("v1", "Endpoints", R"(
subsets: [{addresses: [{ip: 1.1.1.1}, {ip: 1.1.1.2}], ports: [{port: 80}, {port: 81}]}]
)"),
            R"(["x","1.1.1.1:80,1.1.1.2:80,1.1.1.1:81 + 1 more...","72s"])");
  EXPECT_EQ(
      cells("v1", "Endpoints", R"(subsets: [{addresses: [{ip: "fd00::1"}], ports: [{port: 80}]}])"),
      R"(["x","[fd00::1]:80","72s"])");
  EXPECT_EQ(cells("v1", "Endpoints", "{}"), R"(["x","<none>","72s"])");
  EXPECT_EQ(cells("discovery.k8s.io/v1", "EndpointSlice", R"(
addressType: IPv4
ports: [{name: a, port: 80}, {name: b, port: 81}, {name: c}, {name: d, port: 83}]
endpoints: [{addresses: [1.1.1.1]}, {addresses: [1.1.1.2]}, {addresses: [1.1.1.3]}, {addresses: [1.1.1.4]}]
)"),
            R"(["x","IPv4","80,81,c + 1 more...","1.1.1.1,1.1.1.2,1.1.1.3 + 1 more...","72s"])");
  EXPECT_EQ(cells("discovery.k8s.io/v1", "EndpointSlice", "addressType: IPv4"),
            R"(["x","IPv4","<unset>","<unset>","72s"])");
  EXPECT_EQ(cells("networking.k8s.io/v1", "Ingress", R"(
spec: {ingressClassName: c, tls: [{hosts: [a]}], rules: [{host: a.b}, {host: a.c}, {host: a.d}, {host: a.e}, {host: a.f}]}
status: {loadBalancer: {ingress: [{ip: 5.5.5.5}, {hostname: a.long.name.example}]}}
)"),
            R"(["x","c","a.b,a.c,a.d + 2 more...","5.5.5.5,a.long.name.example","80, 443","72s"])");
  EXPECT_EQ(cells("networking.k8s.io/v1", "Ingress", "{}"), R"(["x","<none>","*","","80","72s"])");
}

TEST(Tables, ShowNodesAndVolumes) {
  EXPECT_EQ(
      cells("v1", "Node", R"(
metadata: {name: x, labels: {node-role.kubernetes.io/control-plane: "", node-role.kubernetes.io/a: "", kubernetes.io/role: zz}}
spec: {unschedulable: true}
status:
  conditions: [{type: Ready, status: "True"}]
  addresses: [{type: InternalIP, address: 10.1.1.1}, {type: ExternalIP, address: 2.2.2.2}]
  nodeInfo: {kubeletVersion: v1.34.2, osImage: Debian, kernelVersion: "6.1", containerRuntimeVersion: "process://1"}
)"),
      R"(["x","Ready,SchedulingDisabled","a,control-plane,zz","72s","v1.34.2","10.1.1.1","2.2.2.2","Debian","6.1","process://1"])");
  EXPECT_EQ(
      cells("v1", "Node", R"(status: {conditions: [{type: Ready, status: "False"}]})"),
      R"(["x","NotReady","<none>","72s","","<none>","<none>","<unknown>","<unknown>","<unknown>"])");
  EXPECT_EQ(
      cells("v1", "PersistentVolume", R"(
spec: {capacity: {storage: 1024Mi}, accessModes: [ReadWriteMany, ReadWriteOnce], claimRef: {namespace: tt, name: pvc1}, storageClassName: sc1, persistentVolumeReclaimPolicy: Retain, volumeMode: Filesystem}
status: {phase: Bound, reason: why}
)"),
      R"(["x","1Gi","RWO,RWX","Retain","Bound","tt/pvc1","sc1","<unset>","why","72s","Filesystem"])");
  EXPECT_EQ(cells("v1", "PersistentVolumeClaim", R"(
metadata: {name: x, annotations: {volume.beta.kubernetes.io/storage-class: old}}
spec: {accessModes: [ReadOnlyMany], volumeMode: Filesystem}
status: {phase: Pending}
)"),
            R"(["x","Pending","","","","old","<unset>","72s","Filesystem"])");
}

TEST(Tables, ShowEventsOfBothGroups) {
  EXPECT_EQ(
      cells("v1", "Event", R"(
involvedObject: {kind: Pod, name: p1, fieldPath: "spec.containers{c}"}
reason: R
message: "  hello there \n"
type: Normal
source: {component: kubelet, host: n1}
firstTimestamp: "2026-11-24T10:00:00Z"
lastTimestamp: "2026-11-24T12:00:00Z"
count: 7
)"),
      R"(["8h","Normal","R","pod/p1","spec.containers{c}","kubelet, n1","hello there","10h",7,"x"])");
  EXPECT_EQ(cells("events.k8s.io/v1", "Event", R"(
eventTime: "2026-11-20T10:00:00.000000Z"
regarding: {kind: Node, name: n1}
reason: R2
note: hi
type: Warning
reportingController: k.io/c
reportingInstance: i1
series: {count: 3, lastObservedTime: "2026-11-22T10:00:00.000000Z"}
)"),
            R"(["2d10h","Warning","R2","node/n1","","k.io/c, i1","hi","4d10h",3,"x"])");
  EXPECT_EQ(
      cells(
          "v1", "Event",
          R"({involvedObject: {kind: Job}, reason: R3, message: m, type: Normal, reportingComponent: c, reportingInstance: ""})"),
      R"(["<unknown>","Normal","R3","job","","c","m","<unknown>",1,"x"])");
}

TEST(Tables, ShowPolicies) {
  EXPECT_EQ(
      cells("v1", "ResourceQuota", R"(
status: {hard: {cpu: "4", requests.memory: 1Gi, limits.cpu: "8", pods: "10"}, used: {cpu: "0.5", requests.memory: 100Mi, limits.cpu: "1"}}
)"),
      R"(["x","cpu: 500m/4, pods: 0/10, requests.memory: 100Mi/1Gi","limits.cpu: 1/8","72s"])");
  EXPECT_EQ(cells("policy/v1", "PodDisruptionBudget",
                  "{spec: {minAvailable: 50%}, status: {disruptionsAllowed: 1}}"),
            R"(["x","50%","N/A",1,"72s"])");
  EXPECT_EQ(cells("policy/v1", "PodDisruptionBudget", "{spec: {maxUnavailable: 2}}"),
            R"(["x","N/A","2",0,"72s"])");
  EXPECT_EQ(cells("rbac.authorization.k8s.io/v1", "RoleBinding", R"(
roleRef: {kind: Role, name: r1}
subjects: [{kind: User, name: u1}, {kind: User, name: u2}, {kind: Group, name: g1}, {kind: ServiceAccount, name: sa, namespace: x}]
)"),
            R"(["x","Role/r1","72s","u1, u2","g1","x/sa"])");
  EXPECT_EQ(cells("autoscaling/v2", "HorizontalPodAutoscaler", R"(
spec:
  scaleTargetRef: {kind: Deployment, name: d1}
  maxReplicas: 5
  metrics:
  - {type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}
  - {type: Pods, pods: {target: {averageValue: 1500m}}}
  - {type: External, external: {target: {value: "10"}}}
status: {currentReplicas: 2, currentMetrics: [{resource: {current: {averageUtilization: 30}}}, {pods: {current: {averageValue: "2"}}}]}
)"),
            R"(["x","Deployment/d1","cpu: 30%/80%, 2/1500m + 1 more...","<unset>",5,2,"72s"])");
  EXPECT_EQ(cells("autoscaling/v2", "HorizontalPodAutoscaler", R"(
spec:
  scaleTargetRef: {kind: Deployment, name: d1}
  minReplicas: 2
  maxReplicas: 5
  metrics:
  - {type: Object, object: {target: {value: "2"}}}
  - {type: ContainerResource, containerResource: {name: memory, target: {averageValue: 100Mi}}}
)"),
            R"(["x","Deployment/d1","<unknown>/2, memory: <unknown>/100Mi","2",5,0,"72s"])");
  EXPECT_EQ(cells("storage.k8s.io/v1", "StorageClass", R"(
metadata: {name: x, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: p
allowVolumeExpansion: true
volumeBindingMode: WaitForFirstConsumer
)"),
            R"x(["x (default)","p","Delete","WaitForFirstConsumer",true,"72s"])x");
}

TEST(Tables, ShowOtherKindsByNameAndTimeOfCreation) {
  EXPECT_EQ(cells("rbac.authorization.k8s.io/v1", "ClusterRole", "{}"),
            R"(["x","2026-11-24T20:22:35Z"])");
  const Value made = table(*kind_of("apiextensions.k8s.io/v1", "CustomResourceDefinition"), "{}");
  EXPECT_EQ(made.find("columnDefinitions")->as_array()[1].find("name")->as_string(), "Created At");
  EXPECT_EQ(made.find("columnDefinitions")->as_array()[1].find("type")->as_string(), "date");
}

TEST(Tables, HaveACellForEachColumnOfEachKind) {
  for (const KindPtr& kind : built_in_kinds()) {
    const Value made = table(*kind, R"({"metadata":{"name":"x"}})");
    EXPECT_EQ(made.find("columnDefinitions")->as_array().size(),
              made.find("rows")->as_array()[0].find("cells")->as_array().size())
        << kind->kind;
  }
}

Kind foo() {
  Kind kind{.group = "example.com", .version = "v1", .kind = "Foo"};
  kind.origin = Origin::Custom;
  return kind;
}

TEST(CustomTable, ShowsWhatItsDefinitionSays) {
  Kind kind = foo();
  kind.columns = {
      {.name = "Size", .type = "integer", .description = "How big", .json_path = ".spec.size"},
      {.name = "Born", .type = "date", .json_path = ".metadata.creationTimestamp"},
      {.name = "Since", .type = "date", .priority = 1, .json_path = ".spec.since"},
      {.name = "Ratio", .type = "number", .json_path = ".spec.ratio"},
      {.name = "Flag", .type = "boolean", .json_path = ".spec.flag"},
      {.name = "Ports", .type = "string", .json_path = ".spec.ports[*].name"},
      {.name = "Port0", .type = "string", .json_path = ".spec.ports[0].port"},
      {.name = "Any", .type = "string", .json_path = ".spec.any"},
      {.name = "Bad", .type = "string", .json_path = "nothing"}};
  const auto row = [&](std::string_view spec) {
    const Value made = table(
        kind, R"({"metadata":{"name":"x","creationTimestamp":"2026-11-24T20:23:17Z"},"spec":)" +
                  std::string(spec) + "}");
    return json::print(*made.find("rows")->as_array()[0].find("cells"));
  };
  EXPECT_EQ(row(R"({"size":4,"ratio":1.5,"flag":true,"since":"2026-11-24T10:00:00Z",)"
                R"("ports":[{"name":"x","port":5},{"name":"y"}],"any":{"b":[1,2.5,"x"]}})"),
            R"(["x",4,"30s","10h",1.5,true,"x","5","{\"b\":[1,2.5,\"x\"]}",null])");
  EXPECT_EQ(row(R"({"size":"4","ratio":3,"flag":"true","since":"soon","any":123456789})"),
            R"(["x",null,"30s","<invalid>",3,null,null,null,"123456789",null])");
  EXPECT_EQ(row(R"({"since":"1926-11-24T10:00:00Z","any":true})"),
            R"(["x",null,"30s","100y",null,null,null,null,"true",null])");

  const Value made = table(kind, "{}");
  EXPECT_EQ(json::print(made.find("columnDefinitions")->as_array()[1]),
            R"({"name":"Size","type":"integer","format":"","description":"How big","priority":0})");
  EXPECT_EQ(
      json::print(made.find("columnDefinitions")->as_array()[3]),
      R"({"name":"Since","type":"date","format":"","description":"Custom resource definition column )"
      R"((in JSONPath format): .spec.since","priority":1})");
}

TEST(CustomTable, ShowsTheAgeIfItsDefinitionSaysNothing) {
  const Value made = table(foo(), R"({"metadata":{"name":"x"}})");
  EXPECT_EQ(made.find("columnDefinitions")->as_array()[1].find("name")->as_string(), "Age");
  EXPECT_EQ(json::print(*made.find("rows")->as_array()[0].find("cells")), R"(["x",null])");
}

TEST(Tables, ShowScales) {
  const Value made =
      table(foo(), R"({"metadata":{"name":"x"},"spec":{"replicas":3}})", TableOf::Scales);
  EXPECT_EQ(json::print(*made.find("rows")->as_array()[0].find("cells")),
            R"(["x",3,0,"<unknown>"])");
}

TEST(TableText, HasTheListsMetadataAndWhatIsWantedOfTheObjects) {
  const KindPtr kind = kind_of("v1", "ConfigMap");
  const std::string_view objects[] = {
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"b"}})"};
  const auto made = [&](IncludeObject include) {
    return table_text(*kind, TableOf::Objects, objects,
                      {.resource_version = "7", .continue_token = "t", .remaining = 3},
                      {.include = include, .columns = false, .api_version = "meta.k8s.io/v1beta1"},
                      now());
  };
  const std::string before =
      R"({"kind":"Table","apiVersion":"meta.k8s.io/v1beta1","metadata":{"resourceVersion":"7",)"
      R"("continue":"t","remainingItemCount":3},"columnDefinitions":null,"rows":[{"cells":)"
      R"(["x",1,"<unknown>"],"object":)";
  EXPECT_EQ(made(IncludeObject::None), before + "null}]}");
  EXPECT_EQ(made(IncludeObject::Object), before + std::string(objects[0]) + "}]}");
  EXPECT_EQ(made(IncludeObject::Metadata),
            before + R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1beta1",)"
                     R"("metadata":{"name":"x"}}}]})");
}

TEST(TableText, OfNothingHasNoRows) {
  const auto rows = [](const Kind& kind) {
    const std::string text = table_text(kind, TableOf::Objects, {}, {}, {}, now());
    return text.substr(text.rfind("\"rows\""));
  };
  EXPECT_EQ(rows(*kind_of("v1", "Pod")), R"("rows":[]})");
  EXPECT_EQ(rows(foo()), R"("rows":[]})");
  EXPECT_EQ(rows(*kind_of("rbac.authorization.k8s.io/v1", "Role")), R"("rows":null})");
}

TEST(TableText, TakesIncludeObjectAsTheApiSpellsIt) {
  EXPECT_EQ(*parse_include_object(""), IncludeObject::Metadata);
  EXPECT_EQ(*parse_include_object("Object"), IncludeObject::Object);
  EXPECT_EQ(
      parse_include_object("Bad").error().message,
      "Unable to convert to Table as requested: includeObject: Invalid value: \"Bad\": must be "
      "'Metadata', 'Object', 'None', or empty");
}

TEST(PartialText, KeepsMetadataAlone) {
  const std::string_view objects[] = {R"({"kind":"A","metadata":{"name":"x"},"spec":{}})"};
  EXPECT_EQ(partial_list_text(objects, {.resource_version = "9"}),
            R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":)"
            R"({"resourceVersion":"9"},"items":[{"kind":"PartialObjectMetadata","apiVersion":)"
            R"("meta.k8s.io/v1","metadata":{"name":"x"}}]})");
  EXPECT_TRUE(partial_list_text({}, {}).ends_with(R"("items":null})"));
}

TEST(HumanDuration, HasTwoUnitsAtMost) {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  const struct {
    Duration duration;
    std::string_view text;
  } cases[] = {{seconds(-2), "<invalid>"},
               {seconds(-1), "0s"},
               {std::chrono::milliseconds(1999), "1s"},
               {seconds(119), "119s"},
               {seconds(120), "2m"},
               {seconds(305), "5m5s"},
               {minutes(10), "10m"},
               {minutes(179), "179m"},
               {minutes(180), "3h"},
               {minutes(203), "3h23m"},
               {hours(8) + minutes(1), "8h"},
               {hours(47), "47h"},
               {hours(58), "2d10h"},
               {days(8), "8d"},
               {days(729), "729d"},
               {days(731), "2y1d"},
               {days(365 * 8 + 1), "8y"}};
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(human_duration(duration), text);
  }
}

}  // namespace
}  // namespace kthena::apiserver
