package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Serve answers requests on addr until ctx ends, then returns nil. Addr is
// "127.0.0.1:4566" or the like; port 0 picks a free one. Any address that
// other machines could reach is refused, since the sandbox asks for no
// password. When the socket is open, Serve calls ready with the URL to give
// to clients, such as "http://127.0.0.1:4566".
func Serve(ctx context.Context, addr string, s *Server, ready func(url string)) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen on %q: %w; give an address such as 127.0.0.1:4566", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen on %q: not a loopback address; the sandbox lets everybody in, so it only listens on 127.0.0.1 or [::1]", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	// "localhost" could have been made to mean something else.
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		listener.Close()
		return fmt.Errorf("listen on %q: it resolves to %s, which is not a loopback address", addr, listener.Addr())
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // clients that hang up are none of our business
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if ready != nil {
		ready("http://" + listener.Addr().String())
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(grace) != nil { // an answer in flight that never comes
		server.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
