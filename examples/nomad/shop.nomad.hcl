# One service with a sidecar. The tasks of a group with a bridge network share one network namespace, as in a pod.
variable "image" {
  description = "Of netramesh, with a tag: Nomad pulls what has none, or latest, from a registry at every start"
  type        = string
}

job "shop" {
  group "shop" {
    network {
      mode = "bridge"
      port "http" {
        to = 80
      }
    }

    # The rules and the sidecar start before the application, in no order: neither needs the other to be there first.
    task "netramesh-init" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = false
      }
      config {
        image           = var.image
        args            = ["init"]
        cap_drop        = ["all"]
        cap_add         = ["net_admin"]
        readonly_rootfs = true
        security_opt    = ["no-new-privileges"]
      }
      user = "0:0"
      resources {
        cpu    = 50
        memory = 64
      }
    }

    task "netramesh" {
      driver = "docker"
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
      config {
        image           = var.image
        args            = ["--service-name", "shop"]
        cap_drop        = ["all"]
        readonly_rootfs = true
        security_opt    = ["no-new-privileges"]
      }
      env {
        NETRA_HTTP_PORTS            = "80"
        OTEL_EXPORTER_OTLP_ENDPOINT = "http://jaeger.example:4318"
        JAEGER_SAMPLER_TYPE         = "const"
        JAEGER_SAMPLER_PARAM        = "1"
      }
      kill_timeout = "30s"
      resources {
        cpu    = 100
        memory = 128
      }
    }

    task "app" {
      driver = "docker"
      config {
        image = "nginx:1.28-alpine"
        ports = ["http"]
      }
    }
  }
}
