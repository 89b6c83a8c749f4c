# SPDX-License-Identifier: BSD-2-Clause
"""Certificates for tests of TLS, made by openssl in folders laid out as for QEMU's tls-creds-x509."""
import os
import shutil
import subprocess

NAMES = 'DNS:localhost,IP:127.0.0.1'


def _openssl(*arguments):
    subprocess.run(['openssl', *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _new_key(path):
    _openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path)


class Authority:
    """A CA with its files in `folder`."""

    def __init__(self, folder, name='CA of the test'):
        os.mkdir(folder)
        self.folder = folder
        self.certificate = os.path.join(folder, 'ca-cert.pem')
        self._key = os.path.join(folder, 'ca-key.pem')
        self._config = os.path.join(folder, 'ca.conf')
        self._count = 0
        _new_key(self._key)
        _openssl('req', '-x509', '-new', '-key', self._key, '-subj', f'/CN={name}', '-days', '2',
                 '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', self.certificate)
        self._prepare_database()

    def _prepare_database(self):
        """What `openssl ca` wants, for dates in the past and for revoking."""
        with open(self._config, 'w', encoding='ascii') as file:
            file.write('[ca]\ndefault_ca=x\n[x]\ndefault_md=sha256\npolicy=p\nunique_subject=no\n'
                       f'database={self.folder}/index\nserial={self.folder}/serial\n'
                       f'new_certs_dir={self.folder}\ncertificate={self.certificate}\n'
                       f'private_key={self._key}\n[p]\ncommonName=supplied\n')
        for name, content in (('index', ''), ('serial', '01\n')):
            with open(os.path.join(self.folder, name), 'w', encoding='ascii') as file:
                file.write(content)

    def folder_for(self, path, *sides, **how):
        """A new folder with ca-cert.pem, and certificate and key of 'client' or 'server' or both."""
        os.mkdir(path)
        shutil.copy(self.certificate, path)
        for side in sides:
            self.issue(path, side, **how)
        return path

    def issue(self, path, side, names=NAMES, purpose=None, dates=('20200101000000Z', '20991231235959Z')):
        """Certificate and key of one side into a folder; dates are its first and last second."""
        self._count += 1
        request = os.path.join(self.folder, f'{self._count}.csr')
        extensions = os.path.join(self.folder, f'{self._count}.ext')
        key, certificate = (os.path.join(path, f'{side}-{what}.pem') for what in ('key', 'cert'))
        with open(extensions, 'w', encoding='ascii') as file:
            file.write(f'subjectAltName={names}\nextendedKeyUsage={purpose or side + "Auth"}\n')
        _new_key(key)
        _openssl('req', '-new', '-key', key, '-subj', f'/CN={side} {self._count}', '-out', request)
        _openssl('ca', '-batch', '-notext', '-config', self._config, '-in', request, '-extfile', extensions,
                 '-startdate', dates[0], '-enddate', dates[1], '-out', certificate)

    def revoke(self, certificate, path):
        """Revoke a certificate file, and write the list into a folder."""
        _openssl('ca', '-config', self._config, '-revoke', certificate)
        _openssl('ca', '-config', self._config, '-gencrl', '-crldays', '2',
                 '-out', os.path.join(path, 'ca-crl.pem'))
