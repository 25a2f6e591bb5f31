namespace Stasis.EndToEndTests.Compatibility;

public static partial class ProgramCatalog
{
    private static IEnumerable<ContainerProgram> Servers =>
    [
        new()
        {
            Name = "nginx",
            IsInShortForm = true,
            RunOptions = "--network podman -p 8081:80 -v FOLDER:/srv:ro --init",
            Allowed = "mount:FOLDER:ro port:8081",
            Script = """
                echo 'user root; worker_processes 3; events {}' >/tmp/conf
                echo 'http { server { listen 80; root /srv; location /s { stub_status; } } }' >>/tmp/conf
                exec nginx -c /tmp/conf -g 'daemon off;'
                """,
            Probe = new HttpProbe("127.0.0.1:8081", "/s", " "), // " CONNECTIONS ACCEPTED REQUESTS "
        },
        new()
        {
            Name = "lighttpd",
            RunOptions = "--network host -v FOLDER:/srv:ro",
            Allowed = "ns:network=host mount:FOLDER:ro",
            Script = """
                cat >/tmp/conf <<'CONF'
                server.document-root = "/srv"
                server.port = 8082
                server.modules = ("mod_status")
                status.status-url = "/s"
                CONF
                exec lighttpd -D -f /tmp/conf
                """,
            Probe = new HttpProbe("127.0.0.1:8082", "/s?auto", "Total Accesses"),
        },
        new()
        {
            Name = "supervisord", // its socket is bound to a temporary name, linked to its own, and loses the first
            IsInShortForm = true,
            RunOptions = "--network none",
            Script = """
                cat >/tmp/conf <<'CONF'
                [supervisord]
                nodaemon = true
                user = root
                [unix_http_server]
                file = /run/supervisor.sock
                [rpcinterface:supervisor]
                supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
                [supervisorctl]
                serverurl = unix:///run/supervisor.sock
                [program:count]
                command = sh -c 'n=0; while :; do echo $((n += 1)); sleep 0.1; done'
                CONF
                exec supervisord -c /tmp/conf
                """,
            Probe = new ExecProbe("supervisorctl -c /tmp/conf tail -20 count"),
        },
        new()
        {
            Name = "haproxy",
            RunOptions = "--network podman --ip 10.88.201.3 --privileged",
            Allowed = "privileged",
            Script = """
                cat >/tmp/conf <<'CONF'
                global
                    nbthread 3
                    stats socket /run/haproxy.sock
                defaults
                    mode http
                    timeout client 10s
                    timeout connect 10s
                    timeout server 10s
                frontend all
                    bind :80
                    http-request return status 200 content-type text/plain lf-string "%rt"
                CONF
                exec haproxy -W -f /tmp/conf
                """,
            Probe = new HttpProbe("10.88.201.3"),
        },
        new()
        {
            Name = "busybox-httpd", // a process for each request
            RunOptions = "--network podman --ip 10.88.201.4 --tmpfs /count:size=1m --read-only",
            Script = """
                mkdir -p /count/www/cgi-bin
                cat >/count/www/cgi-bin/count <<'CGI'
                #!/bin/sh
                printf 'Content-Type: text/plain\r\n\r\n'
                echo >>/count/requests
                wc -l </count/requests
                CGI
                chmod 755 /count/www/cgi-bin/count
                exec busybox httpd -f -p 80 -h /count/www
                """,
            Probe = new HttpProbe("10.88.201.4", "/cgi-bin/count"),
        },
        new()
        {
            Name = "socat", // a process for each connection, with a pipe
            RunOptions = "--network podman --ip 10.88.201.5",
            MoveOptions = "--tcp-established",
            Script = """
                echo 'n=0; while read -r line; do n=$((n+1)); echo $n; done' >/tmp/count
                exec socat TCP-LISTEN:7,fork,reuseaddr EXEC:'bash /tmp/count',pipes
                """,
            Probe = new ConnectionProbe("10.88.201.5", 7, "next"),
        },
        new()
        {
            Name = "caddy", // Go
            Image = "programs-large",
            RunOptions = "--network podman -p 8083:80 -v FOLDER:/srv:ro",
            Allowed = "mount:FOLDER:ro port:8083",
            Script = """
                printf '{\n admin 0.0.0.0:80\n auto_https off\n}\n:8080 {\n root * /srv\n file_server browse\n}\n' >/tmp/conf
                HOME=/tmp exec caddy run --config /tmp/conf --adapter caddyfile
                """,
            Probe = new HttpProbe("127.0.0.1:8083", "/metrics", "caddy_admin_http_requests_total{code=\"200\""),
        },
        new()
        {
            Name = "rsyslog",
            RunOptions = "--network none --init",
            Script = """
                cat >/tmp/conf <<'CONF'
                module(load="imuxsock")
                *.* action(type="omfile" file="/var/log/messages")
                CONF
                rsyslogd -n -f /tmp/conf -i /run/rsyslogd.pid &
                n=0; while :; do n=$((n+1)); busybox logger "line $n"; sleep 0.1; done
                """,
            Probe = new ExecProbe("grep -o 'line [0-9]*' /var/log/messages | tail -n 1"),
        },
        new()
        {
            Name = "rsyslog-file", // told of new lines by inotify
            RunOptions = "--network none --init",
            Script = """
                mkdir /lines
                cat >/tmp/conf <<'CONF'
                module(load="imfile")
                input(type="imfile" file="/lines/file" tag="lines" addMetadata="off")
                *.* action(type="omfile" file="/var/log/messages")
                CONF
                touch /lines/file
                rsyslogd -n -f /tmp/conf -i /run/rsyslogd.pid &
                n=0; while :; do n=$((n+1)); echo "line $n" >>/lines/file; sleep 0.1; done
                """,
            Probe = new ExecProbe("grep -o 'line [0-9]*' /var/log/messages | tail -n 1"),
        },
    ];
}
