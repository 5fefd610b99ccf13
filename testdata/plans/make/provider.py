#!/usr/bin/env python3
"""A stand-in for the AWS provider, so that Terraform itself makes plans without AWS and without the network.

It has schema enough for S3: the policy chain by hand from the public documentation, other resources by the attribute names
of attributes.json, of any type. What the real provider computes at apply is unknown in a plan here as well.
"""

import hashlib
import json
import os
import tempfile
import threading
import time
from concurrent import futures

import grpc
import msgpack
from tf.gen import grpc_controller_pb2 as cpb
from tf.gen import grpc_controller_pb2_grpc as crpc
from tf.gen import grpc_stdio_pb2_grpc as srpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

S = '"string"'
B = '"bool"'
N = '"number"'
D = '"dynamic"'
LS = '["list","string"]'
SS = '["set","string"]'
MS = '["map","string"]'
# Required, optional, computed, optional and computed.
R, O, C, OC = "r", "o", "c", "oc"


def A(t, f):
    """An attribute of a type."""
    return ("attr", t, f)


def BL(nest, attrs, mn=0, mx=0):
    """Nested blocks."""
    return ("block", nest, attrs, mn, mx)


bucket = {
    "acceleration_status": A(S, OC),
    "acl": A(S, OC),
    "arn": A(S, C),
    "bucket": A(S, OC),
    "bucket_domain_name": A(S, C),
    "bucket_namespace": A(S, OC),
    "bucket_prefix": A(S, OC),
    "bucket_region": A(S, C),
    "bucket_regional_domain_name": A(S, C),
    "force_destroy": A(B, O),
    "hosted_zone_id": A(S, C),
    "id": A(S, OC),
    "object_lock_enabled": A(B, OC),
    "policy": A(S, OC),
    "region": A(S, OC),
    "request_payer": A(S, OC),
    "tags": A(MS, O),
    "tags_all": A(MS, OC),
    "website_domain": A(S, C),
    "website_endpoint": A(S, C),
}
bpol = {"bucket": A(S, R), "id": A(S, OC), "policy": A(S, R), "region": A(S, OC)}
stmt = {
    "sid": A(S, O),
    "effect": A(S, O),
    "actions": A(SS, O),
    "not_actions": A(SS, O),
    "resources": A(SS, O),
    "not_resources": A(SS, O),
    "principals": BL("set", {"type": A(S, R), "identifiers": A(SS, R)}),
    "not_principals": BL("set", {"type": A(S, R), "identifiers": A(SS, R)}),
    "condition": BL("set", {"test": A(S, R), "variable": A(S, R), "values": A(LS, R)}),
}
doc = {
    "id": A(S, OC),
    "json": A(S, C),
    "minified_json": A(S, C),
    "override_json": A(S, O),
    "override_policy_documents": A(LS, O),
    "policy_id": A(S, O),
    "source_json": A(S, O),
    "source_policy_documents": A(LS, O),
    "version": A(S, O),
    "statement": BL("list", stmt),
}
RESOURCES = {
    "aws_s3_bucket": bucket,
    "aws_s3_bucket_policy": bpol,
    "aws_s3_bucket_public_access_block": {
        "bucket": A(S, R),
        "id": A(S, OC),
        "region": A(S, OC),
        "block_public_acls": A(B, O),
        "block_public_policy": A(B, O),
        "ignore_public_acls": A(B, O),
        "restrict_public_buckets": A(B, O),
        "skip_destroy": A(B, O),
    },
}
DATA_SOURCES = {
    "aws_iam_policy_document": doc,
    "aws_caller_identity": {"account_id": A(S, C), "arn": A(S, C), "id": A(S, OC), "user_id": A(S, C)},
    "aws_partition": {"dns_suffix": A(S, C), "id": A(S, OC), "partition": A(S, C), "reverse_dns_prefix": A(S, C)},
    "aws_region": {"description": A(S, C), "endpoint": A(S, C), "id": A(S, OC), "name": A(S, OC), "region": A(S, OC)},
    "aws_canonical_user_id": {"display_name": A(S, C), "id": A(S, OC)},
    "aws_elb_service_account": {"arn": A(S, C), "id": A(S, OC), "region": A(S, O)},
}
extra = os.path.join(os.path.dirname(os.path.abspath(__file__)), "attributes.json")
if os.path.exists(extra):

    def extra_attributes(d):
        o = {}
        for k, v in d.items():
            if isinstance(v, dict):
                o[k] = BL("list", extra_attributes(v))
            else:
                o[k] = A(D, O)
        return o

    for t, d in json.load(open(extra)).items():
        if t in RESOURCES:
            continue
        s = extra_attributes(d)
        s["id"] = A(S, OC)
        s.setdefault("arn", A(S, C))
        if s["arn"][1] != S:
            s["arn"] = A(S, OC)
        for k in {
            "aws_s3_bucket_website_configuration": ["website_domain", "website_endpoint"],
            "aws_s3_bucket_metadata_configuration": [],
        }.get(t, []):
            s[k] = A(S, C)
        if t == "aws_s3_directory_bucket":
            s["bucket"] = A(S, R)
        RESOURCES[t] = s


def block_pb(d):
    attrs = []
    blocks = []
    for k, v in sorted(d.items()):
        if v[0] == "attr":
            attrs.append(
                pb.Schema.Attribute(
                    name=k,
                    type=v[1].encode(),
                    required=v[2] == "r",
                    optional=v[2] in ("o", "oc"),
                    computed=v[2] in ("c", "oc"),
                )
            )
        else:
            nest = {
                "list": pb.Schema.NestedBlock.LIST,
                "set": pb.Schema.NestedBlock.SET,
                "single": pb.Schema.NestedBlock.SINGLE,
            }[v[1]]
            blocks.append(
                pb.Schema.NestedBlock(type_name=k, block=block_pb(v[2]), nesting=nest, min_items=v[3], max_items=v[4])
            )
    return pb.Schema.Block(version=0, attributes=attrs, block_types=blocks)


PROVIDER = {
    "region": A(S, O),
    "access_key": A(S, O),
    "secret_key": A(S, O),
    "profile": A(S, O),
    "skip_credentials_validation": A(B, O),
    "skip_requesting_account_id": A(B, O),
    "skip_metadata_api_check": A(B, O),
    "skip_region_validation": A(B, O),
    "alias_marker": A(S, O),
    "s3_use_path_style": A(B, O),
    "default_tags": BL("list", {"tags": A(MS, O)}),
    "endpoints": BL("list", {"s3": A(S, O), "sts": A(S, O)}),
    "assume_role": BL("list", {"role_arn": A(S, O)}),
}
UNKNOWN = msgpack.ExtType(0, b"\x00")


def decoded(dv):
    return msgpack.unpackb(dv.msgpack, raw=False, strict_map_key=False) if dv.msgpack else None


def encoded(v):
    return pb.DynamicValue(msgpack=msgpack.packb(v))


def is_unknown(v):
    return isinstance(v, msgpack.ExtType)


def one(l):
    return l[0] if len(l) == 1 else sorted(l, reverse=True)


def render(cfg):
    """The policy that an aws_iam_policy_document makes."""
    sts = []
    ver = cfg.get("version") or "2012-10-17"

    def add(j, override=False):
        if not j:
            return
        d = json.loads(j)
        ss = d.get("Statement", [])
        ss = ss if isinstance(ss, list) else [ss]
        for s in ss:
            sid = s.get("Sid")
            if override and sid:
                for i, x in enumerate(sts):
                    if x.get("Sid") == sid:
                        sts[i] = s
                        break
                else:
                    sts.append(s)
            else:
                sts.append(s)

    add(cfg.get("source_json"))
    for j in cfg.get("source_policy_documents") or []:
        add(j)
    for s in cfg.get("statement") or []:
        o = {}
        if s.get("sid"):
            o["Sid"] = s["sid"]
        o["Effect"] = s.get("effect") or "Allow"
        for k, n in (
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ):
            if s.get(k):
                o[n] = one(s[k])
        for k, n in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            ps = s.get(k) or []
            if ps:
                if len(ps) == 1 and ps[0]["type"] == "*" and ps[0]["identifiers"] == ["*"]:
                    o[n] = "*"
                else:
                    pd = {}
                    for p in ps:
                        pd.setdefault(p["type"], []).extend(p["identifiers"])
                    o[n] = {t: one(v) for t, v in pd.items()}
        cs = s.get("condition") or []
        if cs:
            cd = {}
            for c in cs:
                cd.setdefault(c["test"], {}).setdefault(c["variable"], []).extend(c["values"])
            o["Condition"] = {t: {k: (v[0] if len(v) == 1 else v) for k, v in d.items()} for t, d in cd.items()}
        sts.append(o)
    add(cfg.get("override_json"), True)
    for j in cfg.get("override_policy_documents") or []:
        add(j, True)
    d = {"Version": ver}
    if cfg.get("policy_id"):
        d["Id"] = cfg["policy_id"]
    d["Statement"] = sts
    return d


class Provider(rpc.ProviderServicer):
    def GetMetadata(self, r, c):
        return pb.GetMetadata.Response(
            server_capabilities=pb.ServerCapabilities(plan_destroy=True),
            data_sources=[pb.GetMetadata.DataSourceMetadata(type_name=t) for t in DATA_SOURCES],
            resources=[pb.GetMetadata.ResourceMetadata(type_name=t) for t in RESOURCES],
        )

    def GetProviderSchema(self, r, c):
        return pb.GetProviderSchema.Response(
            provider=pb.Schema(version=0, block=block_pb(PROVIDER)),
            resource_schemas={t: pb.Schema(version=0, block=block_pb(d)) for t, d in RESOURCES.items()},
            data_source_schemas={t: pb.Schema(version=0, block=block_pb(d)) for t, d in DATA_SOURCES.items()},
            provider_meta=pb.Schema(version=0, block=block_pb({"user_agent": A(LS, O)})),
        )

    def ValidateProviderConfig(self, r, c):
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, r, c):
        return pb.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, r, c):
        return pb.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, r, c):
        return pb.ConfigureProvider.Response()

    def StopProvider(self, r, c):
        return pb.StopProvider.Response()

    def UpgradeResourceState(self, r, c):
        v = json.loads(r.raw_state.json)
        return pb.UpgradeResourceState.Response(upgraded_state=encoded(v))

    def ReadResource(self, r, c):
        return pb.ReadResource.Response(new_state=r.current_state, private=r.private)

    def PlanResourceChange(self, r, c):
        p = decoded(r.proposed_new_state)
        if p is None:
            return pb.PlanResourceChange.Response(planned_state=r.proposed_new_state)
        prior = decoded(r.prior_state)
        for k, v in RESOURCES[r.type_name].items():
            if v[0] == "attr" and "c" in v[2] and p.get(k) is None:
                p[k] = UNKNOWN
        if r.type_name == "aws_s3_bucket_policy" and isinstance(p.get("policy"), str):
            try:
                p["policy"] = json.dumps(json.loads(p["policy"]), sort_keys=True, separators=(",", ":"))
            except ValueError:
                pass
        rr = []
        if prior and prior.get("bucket") != p.get("bucket") and "bucket" in p:
            ap = pb.AttributePath()
            st = ap.steps.add()
            st.attribute_name = "bucket"
            rr.append(ap)
        return pb.PlanResourceChange.Response(planned_state=encoded(p), requires_replace=rr, legacy_type_system=True)

    def ApplyResourceChange(self, r, c):
        p = decoded(r.planned_state)
        if p is None:
            return pb.ApplyResourceChange.Response(new_state=r.planned_state)
        b = p.get("bucket")
        if is_unknown(b) or b is None:
            b = (
                p.get("bucket_prefix") if isinstance(p.get("bucket_prefix"), str) else "tf-"
            ) + "20250101000000000000000001"
        val = {
            "bucket": b,
            "id": b,
            "arn": "arn:aws:s3:::" + str(b),
            "region": "us-east-1",
            "bucket_region": "us-east-1",
            "tags_all": p.get("tags") or {},
        }
        for k, v in RESOURCES[r.type_name].items():
            if v[0] == "attr" and is_unknown(p.get(k)):
                if k in val:
                    p[k] = val[k]
                else:
                    p[k] = "" if v[1] == S else (False if v[1] == B else None)
        return pb.ApplyResourceChange.Response(new_state=encoded(p), legacy_type_system=True)

    def ReadDataSource(self, r, c):
        cfg = decoded(r.config)
        t = r.type_name
        if t == "aws_iam_policy_document":
            d = render(cfg)
            cfg["json"] = json.dumps(d, indent=2)
            cfg["minified_json"] = json.dumps(d, separators=(",", ":"))
            cfg["id"] = str(int(hashlib.md5(cfg["json"].encode()).hexdigest()[:8], 16))
            cfg["version"] = cfg.get("version") or "2012-10-17"
            for s in cfg.get("statement") or []:
                s["effect"] = s.get("effect") or "Allow"
        else:
            v = {
                "account_id": "123456789012",
                "arn": "arn:aws:iam::123456789012:user/ci",
                "user_id": "AIDAEXAMPLE",
                "partition": "aws",
                "dns_suffix": "amazonaws.com",
                "reverse_dns_prefix": "com.amazonaws",
                "name": "us-east-1",
                "region": "us-east-1",
                "id": "stub",
                "description": "US East",
                "endpoint": "ec2.us-east-1.amazonaws.com",
                "display_name": "x",
            }
            for k in cfg:
                if cfg[k] is None and k in v:
                    cfg[k] = v[k]
        return pb.ReadDataSource.Response(state=encoded(cfg))

    def GetFunctions(self, r, c):
        return pb.GetFunctions.Response()


class Controller(crpc.GRPCControllerServicer):
    def Shutdown(self, r, c):
        threading.Thread(target=lambda: (time.sleep(0.05), os._exit(0))).start()
        return cpb.Empty()


class Streams(srpc.GRPCStdioServicer):
    def StreamStdio(self, r, c):
        return iter([])


def main():
    srv = grpc.server(
        futures.ThreadPoolExecutor(16),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    rpc.add_ProviderServicer_to_server(Provider(), srv)
    crpc.add_GRPCControllerServicer_to_server(Controller(), srv)
    srpc.add_GRPCStdioServicer_to_server(Streams(), srv)
    d = tempfile.mkdtemp(prefix="stubaws")
    s = d + "/p.sock"
    srv.add_insecure_port("unix://" + s)
    srv.start()
    print(f"1|6|unix|{s}|grpc", flush=True)
    srv.wait_for_termination()


main()
