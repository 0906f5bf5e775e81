#!/usr/bin/env perl
# The call of a stand-in as a process of its own; see server.mjs. Perl, because it starts in 2 ms and is where git is; its
# modules take 10 ms more, so on Linux it does without them.
use strict;

my ($tool) = $0 =~ m{([^/]+)$};
my ($folder, $address);
if ($^O eq 'linux') {
    $folder = readlink '/proc/self/cwd';
    $address = pack 'S a108', 1, $ENV{STAND_IN_SERVER};
} else {
    require Cwd;
    require Socket;
    $folder = Cwd::getcwd();
    $address = Socket::pack_sockaddr_un($ENV{STAND_IN_SERVER});
}

# AF_UNIX and SOCK_STREAM are 1 on all systems
socket(my $server, 1, 1, 0) or die "socket: $!";
connect($server, $address) or die "connect: $!";
my $request = join "\0", $$, $tool, $folder, scalar @ARGV, @ARGV, map { "$_=$ENV{$_}" } keys %ENV;
put($server, pack('N', length $request) . $request);
while (1) {
    my ($letter, $length) = unpack 'aN', get(5);
    my $data = get($length);
    if    ($letter eq 'o') { put(\*STDOUT, $data) }
    elsif ($letter eq 'e') { put(\*STDERR, $data) }
    elsif ($letter eq 'n') { exec "$ENV{STAND_IN_PROGRAMS}/$tool", @ARGV or die "exec: $!" }
    else                   { exit $data }
}

sub put {
    my ($to, $data) = @_;
    for (my $from = 0; $from < length $data;) {
        $from += syswrite($to, $data, length($data) - $from, $from) // exit 1;
    }
}

sub get {
    my ($length) = @_;
    my $data = '';
    while (length $data < $length) {
        sysread($server, $data, $length - length $data, length $data) or die "the stand-in's server is gone";
    }
    return $data;
}
