"""Good objects of built-in kinds for built_in_kinds_test.py: with most of what users write."""

CONTAINER = {
    "name": "c",
    "image": "example.com/i:1",
    "args": ["--x"],
    "env": [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "D", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
        {"name": "E", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
    ],
    "envFrom": [{"secretRef": {"name": "s"}}],
    "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81, "protocol": "UDP"}],
    "resources": {"limits": {"cpu": "2", "example.com/gpu": "1"}, "requests": {"cpu": "1500m", "memory": "1Gi"}},
    "livenessProbe": {"httpGet": {"port": "http", "httpHeaders": [{"name": "X", "value": "y"}]}, "initialDelaySeconds": 3},
    "readinessProbe": {"tcpSocket": {"port": 80}, "successThreshold": 2},
    "startupProbe": {"exec": {"command": ["true"]}},
    "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": True}, {"name": "m", "mountPath": "/m", "subPath": "a/b"}],
    "securityContext": {"runAsUser": 1000, "allowPrivilegeEscalation": False},
}
POD_SPEC = {
    "containers": [CONTAINER, {"name": "d", "image": "j"}],
    "initContainers": [
        {"name": "i", "image": "k:latest", "command": ["true"]},
        {"name": "side", "image": "k", "restartPolicy": "Always", "readinessProbe": {"grpc": {"port": 5}}},
    ],
    "volumes": [
        {"name": "v", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "m", "configMap": {"name": "m", "items": [{"key": "k", "path": "p/q", "mode": 256}]}},
        {"name": "s", "secret": {"secretName": "s"}},
        {"name": "h", "hostPath": {"path": "/h"}},
        {
            "name": "p",
            "projected": {
                "sources": [
                    {"configMap": {"name": "m"}},
                    {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
                ]
            },
        },
        {"name": "c", "persistentVolumeClaim": {"claimName": "c"}},
    ],
    "nodeSelector": {"a": "b"},
    "tolerations": [{"key": "t", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}, {"key": "u", "value": "v"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "k", "operator": "In", "values": ["x"]}]}]
            }
        },
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 5, "podAffinityTerm": {"topologyKey": "z", "labelSelector": {"matchLabels": {"a": "b"}}}}
            ]
        },
    },
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"a": "b"}}}
    ],
    "securityContext": {"fsGroup": 5, "supplementalGroups": [1]},
    "imagePullSecrets": [{"name": "r"}],
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["h"]}],
    "readinessGates": [{"conditionType": "a.b/c"}],
    "hostname": "host",
    "subdomain": "sub",
}
TEMPLATE = {"metadata": {"labels": {"app": "x"}, "annotations": {"n.io/a": "b"}}, "spec": POD_SPEC}
SMALL_TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
SELECTOR = {"matchLabels": {"app": "x"}}
ENDED_TEMPLATE = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
HOOK = {
    "name": "a.example.com",
    "clientConfig": {"service": {"name": "s", "namespace": "n", "path": "/p"}},
    "rules": [{"operations": ["CREATE", "UPDATE"], "apiGroups": ["example.com"], "apiVersions": ["v1"], "resources": ["as", "as/status"]}],
    "sideEffects": "None",
    "admissionReviewVersions": ["v1"],
}


def metadata(**more):
    return {"name": "example", "labels": {"l": "m"}, "annotations": {"n.io/x": "y"}, **more}


# (api version, kind, plural, namespaced, content)
EXAMPLES = [
    ("v1", "Pod", "pods", True, {"spec": POD_SPEC}),
    ("v1", "PodTemplate", "podtemplates", True, {"template": SMALL_TEMPLATE}),
    (
        "apps/v1",
        "Deployment",
        "deployments",
        True,
        {"spec": {"selector": SELECTOR, "template": TEMPLATE, "strategy": {"rollingUpdate": {"maxSurge": 1}}, "minReadySeconds": 2}},
    ),
    ("apps/v1", "ReplicaSet", "replicasets", True, {"spec": {"replicas": 2, "selector": SELECTOR, "template": SMALL_TEMPLATE}}),
    (
        "apps/v1",
        "StatefulSet",
        "statefulsets",
        True,
        {
            "spec": {
                "serviceName": "s",
                "selector": SELECTOR,
                "template": SMALL_TEMPLATE,
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
                "ordinals": {"start": 2},
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "d"},
                        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                    }
                ],
            }
        },
    ),
    (
        "apps/v1",
        "DaemonSet",
        "daemonsets",
        True,
        {"spec": {"selector": SELECTOR, "template": SMALL_TEMPLATE, "updateStrategy": {"rollingUpdate": {"maxUnavailable": "20%"}}}},
    ),
    ("apps/v1", "ControllerRevision", "controllerrevisions", True, {"data": {"a": 1}, "revision": 1}),
    (
        "batch/v1",
        "Job",
        "jobs",
        True,
        {"spec": {"completions": 3, "parallelism": 2, "completionMode": "Indexed", "template": ENDED_TEMPLATE, "ttlSecondsAfterFinished": 5}},
    ),
    (
        "batch/v1",
        "CronJob",
        "cronjobs",
        True,
        {"spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": ENDED_TEMPLATE}}, "successfulJobsHistoryLimit": 2}},
    ),
    (
        "v1",
        "Service",
        "services",
        True,
        {
            "spec": {
                "selector": {"a": "b"},
                "ports": [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 81, "appProtocol": "h2c"}],
                "sessionAffinity": "ClientIP",
            }
        },
    ),
    ("v1", "Service", "services", True, {"spec": {"type": "NodePort", "ports": [{"port": 80}], "externalTrafficPolicy": "Local"}}),
    ("v1", "Service", "services", True, {"spec": {"type": "ExternalName", "externalName": "a.example.com"}}),
    ("v1", "Service", "services", True, {"spec": {"clusterIP": "None", "ports": [{"port": 80}], "publishNotReadyAddresses": True}}),
    (
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "endpointslices",
        True,
        {
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}, "nodeName": "n", "hostname": "h"}],
            "ports": [{"name": "a", "port": 80}, {"name": "b", "port": 81, "protocol": "UDP"}],
        },
    ),
    ("v1", "ConfigMap", "configmaps", True, {"data": {"k": "v", "a.b": "c"}, "binaryData": {"x": "eA=="}, "immutable": False}),
    ("v1", "Secret", "secrets", True, {"data": {"k": "eA=="}, "stringData": {"l": "y"}}),
    ("v1", "Secret", "secrets", True, {"type": "kubernetes.io/tls", "stringData": {"tls.crt": "a", "tls.key": "b"}}),
    ("v1", "Namespace", "namespaces", False, {}),
    ("v1", "ServiceAccount", "serviceaccounts", True, {"imagePullSecrets": [{"name": "s"}], "automountServiceAccountToken": False}),
    (
        "coordination.k8s.io/v1",
        "Lease",
        "leases",
        True,
        {"spec": {"holderIdentity": "h", "leaseDurationSeconds": 15, "renewTime": "2025-01-02T03:04:05.000006Z", "leaseTransitions": 1}},
    ),
    (
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        True,
        {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "s", "resources": {"requests": {"storage": "1Gi"}}}},
    ),
    ("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", False, {"value": 5, "description": "d"}),
    ("storage.k8s.io/v1", "StorageClass", "storageclasses", False, {"provisioner": "example.com/p", "parameters": {"a": "b"}}),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", True, {"spec": {"minAvailable": "50%", "selector": SELECTOR}}),
    ("rbac.authorization.k8s.io/v1", "Role", "roles", True, {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRole",
        "clusterroles",
        False,
        {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, {"nonResourceURLs": ["/x"], "verbs": ["get"]}]},
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "rolebindings",
        True,
        {
            "roleRef": {"kind": "Role", "name": "r"},
            "subjects": [{"kind": "ServiceAccount", "name": "s", "namespace": "n"}, {"kind": "User", "name": "u"}],
        },
    ),
    (
        "rbac.authorization.k8s.io/v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        False,
        {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [{"kind": "Group", "name": "g"}]},
    ),
    (
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        True,
        {
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"},
                "maxReplicas": 5,
                "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": 5}},
            }
        },
    ),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", False, {"webhooks": [HOOK]}),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", False, {"webhooks": [HOOK]}),
    (
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "networkpolicies",
        True,
        {
            "spec": {
                "podSelector": SELECTOR,
                "egress": [{"ports": [{"port": 80, "endPort": 90}, {"port": "http"}], "to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
                "ingress": [{"from": [{"namespaceSelector": {}}]}],
            }
        },
    ),
    (
        "networking.k8s.io/v1",
        "Ingress",
        "ingresses",
        True,
        {
            "spec": {
                "ingressClassName": "c",
                "tls": [{"hosts": ["a.example.com"], "secretName": "s"}],
                "rules": [
                    {
                        "host": "*.example.com",
                        "http": {
                            "paths": [{"path": "/x", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 80}}}}]
                        },
                    }
                ],
            }
        },
    ),
    (
        "v1",
        "Endpoints",
        "endpoints",
        True,
        {"subsets": [{"addresses": [{"ip": "10.0.0.1", "hostname": "h", "nodeName": "n"}], "ports": [{"name": "a", "port": 80}]}]},
    ),
    ("v1", "ReplicationController", "replicationcontrollers", True, {"spec": {"replicas": 2, "template": SMALL_TEMPLATE}}),
    ("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", True, {"spec": {"maxUnavailable": 1, "selector": SELECTOR}}),
    ("v1", "Secret", "secrets", True, {"type": "kubernetes.io/basic-auth", "stringData": {"username": "u"}}),
    ("v1", "Secret", "secrets", True, {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{}"}}),
    ("v1", "Service", "services", True, {"spec": {"type": "LoadBalancer", "ports": [{"port": 80}], "externalTrafficPolicy": "Local"}}),
    (
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        True,
        {
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"},
                "minReplicas": 2,
                "maxReplicas": 5,
                "metrics": [
                    {"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "5"}}},
                    {
                        "type": "Object",
                        "object": {
                            "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "s"},
                            "metric": {"name": "m"},
                            "target": {"type": "Value", "value": "5"},
                        },
                    },
                    {"type": "External", "external": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "500m"}}},
                ],
                "behavior": {"scaleUp": {"policies": [{"type": "Pods", "value": 2, "periodSeconds": 5}], "selectPolicy": "Min"}},
            }
        },
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        False,
        {"webhooks": [{**HOOK, "clientConfig": {"url": "https://example.com/x"}, "timeoutSeconds": 3, "namespaceSelector": SELECTOR}]},
    ),
    ("v1", "LimitRange", "limitranges", True, {"spec": {"limits": [{"type": "Container", "max": {"cpu": "1"}}]}}),
    ("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", False, {"handler": "h", "scheduling": {"nodeSelector": {"a": "b"}}}),
    ("v1", "ResourceQuota", "resourcequotas", True, {"spec": {"hard": {"pods": "5"}}}),
]


def put(value, *path):
    """A change that sets a part."""

    def change(body):
        here = body
        for key in path[:-1]:
            here = here.setdefault(key, {}) if isinstance(here, dict) else here[key]
        here[path[-1]] = value

    return change


COMMON = [
    ("labels and annotations", lambda body: (put({"a": "b"}, "metadata", "labels")(body), put({"c": "d"}, "metadata", "annotations")(body))),
    ("owners", put([{"apiVersion": "v1", "kind": "K", "name": "n", "uid": "u"}], "metadata", "ownerReferences")),
    ("finalizers", put(["a.b/c"], "metadata", "finalizers")),
]
REPLICAS = [
    ("replicas", put({"replicas": 3, "readyReplicas": 2, "availableReplicas": 1}, "status")),
    ("too few replicas", put({"replicas": -3}, "status")),
    ("too many ready", put({"replicas": 1, "readyReplicas": 2}, "status")),
    ("spec", put(7, "spec", "replicas")),
]
CONTAINER_STATUS = {"name": "c", "image": "i", "imageID": "", "ready": True, "restartCount": 0, "state": {"running": {"startedAt": None}}}
POD_STATUS = [
    ("phase", put("Running", "status", "phase")),
    ("addresses", put("10.0.0.1", "status", "podIP")),
    ("bad address", put([{"ip": "x"}], "status", "podIPs")),
    ("quality of service", put("Guaranteed", "status", "qosClass")),
    ("conditions", put([{"type": "Ready", "status": "True", "observedGeneration": 1}], "status", "conditions")),
    ("containers", put([CONTAINER_STATUS], "status", "containerStatuses")),
    ("spec", put("n", "spec", "nodeName")),
]
SUBRESOURCES = {
    "Pod": [
        ("status", COMMON + POD_STATUS),
        ("ephemeralcontainers", [("one", put([{"name": "e", "image": "i"}], "spec", "ephemeralContainers")), ("label", put("y", "metadata", "labels", "x"))]),
        ("resize", [("cpu", put({"cpu": "1600m", "memory": "1Gi", "example.com/gpu": "1"}, "spec", "containers", 0, "resources", "requests"))]),
    ],
    "Deployment": [("status", COMMON + REPLICAS)],
    "ReplicaSet": [("status", COMMON + REPLICAS)],
    "StatefulSet": [("status", COMMON + REPLICAS)],
    "DaemonSet": [("status", COMMON)],
    "Job": [("status", COMMON)],
    "CronJob": [("status", COMMON)],
    "Namespace": [("status", COMMON), ("finalize", [("none", put([], "spec", "finalizers"))])],
    "Service": [("status", COMMON)],
    "PersistentVolumeClaim": [("status", COMMON + [("phase", put("Bound", "status", "phase"))])],
    "PodDisruptionBudget": [("status", COMMON)],
    "HorizontalPodAutoscaler": [("status", COMMON + [("negative", put({"currentReplicas": -1, "desiredReplicas": 0}, "status"))])],
}
